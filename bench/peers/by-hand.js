/**
 * What a team writes in an afternoon: Express, openid-client, a session id in a cookie, tokens in a Map. Nothing is
 * encrypted, nothing is kept, and two refreshes of one user at a time send the same token twice.
 */
import { randomBytes } from 'node:crypto';
import express from 'express';
import { ClientSecretBasic, discovery, refreshTokenGrant } from 'openid-client';
import { answerParent } from '../answer.js';

const { ISSUER, CLIENT_ID, CLIENT_SECRET } = process.env;
const provider = await discovery(new URL(ISSUER), CLIENT_ID, undefined, ClientSecretBasic(CLIENT_SECRET));
const sessions = new Map();

const app = express();
app.post('/token', async (req, res) => {
  const user = sessions.get(/(?:^|; )session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1]);
  if (!user) return res.status(401).end();
  if (user.expiresAt - 60_000 < Date.now()) {
    const tokens = await refreshTokenGrant(provider, user.refreshToken);
    user.accessToken = tokens.access_token;
    user.expiresAt = Date.now() + tokens.expires_in * 1000;
    user.refreshToken = tokens.refresh_token ?? user.refreshToken;
  }
  res.json({ access_token: user.accessToken, expires_in: Math.floor((user.expiresAt - Date.now()) / 1000) });
});
app.use((_error, _req, res, _next) => res.status(502).json({ error: 'refresh_failed' }));
app.listen(0);

answerParent({
  connect: (refreshTokens) =>
    refreshTokens.map((refreshToken) => {
      const id = randomBytes(24).toString('base64url');
      sessions.set(id, { refreshToken, accessToken: '', expiresAt: 0 });
      return { headers: { cookie: `session=${id}` } };
    }),
});
