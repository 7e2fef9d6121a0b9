/**
 * express-openid-connect with its own `accessToken.refresh()`. By default it has no store either: tokens live in the
 * session cookie, encrypted.
 */
import express from 'express';
import connect from 'express-openid-connect';
import { answerParent } from '../answer.js';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, SECRET } = process.env;
const newcomers = new Map();

const app = express();
app.use(
  connect.auth({
    issuerBaseURL: ISSUER,
    baseURL: 'http://127.0.0.1',
    clientID: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    secret: SECRET,
    authRequired: false,
    authorizationParams: { response_type: 'code', scope: 'openid offline_access' },
  }),
);
// Signs a bench's user in without a browser: what the library's own callback would put into the session.
app.get('/enter/:user', (req, res) => {
  Object.assign(req.appSession, newcomers.get(req.params.user));
  res.end();
});
app.post('/token', async (req, res) => {
  let { accessToken } = req.oidc;
  if (!accessToken) return res.status(401).end();
  if (accessToken.expires_in < 60) accessToken = await accessToken.refresh();
  res.json({ access_token: accessToken.access_token, expires_in: accessToken.expires_in });
});
app.use((_error, _req, res, _next) => res.status(502).json({ error: 'refresh_failed' }));
const server = app.listen(0);

const enter = async (refreshToken, index) => {
  newcomers.set(String(index), {
    id_token: ['{"alg":"none"}', JSON.stringify({ sub: `user-${index}` }), '']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.'),
    access_token: 'none',
    refresh_token: refreshToken,
    token_type: 'Bearer',
    expires_at: 0,
  });
  const response = await fetch(`http://127.0.0.1:${server.address().port}/enter/${index}`);
  const cookies = response.headers.getSetCookie().map((line) => line.split(';')[0]);
  return { headers: { cookie: cookies.join('; ') } };
};

answerParent({
  connect: async (refreshTokens) => {
    const callers = [];
    for (const [index, refreshToken] of refreshTokens.entries()) callers.push(await enter(refreshToken, index));
    return callers;
  },
});
