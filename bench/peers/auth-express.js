/**
 * Auth.js on Express with the refresh that its documentation shows (in the `jwt` callback). It has no store: the tokens
 * live in the session cookie, encrypted, and go to the browser and back with every call.
 */
import { encode } from '@auth/core/jwt';
import { ExpressAuth } from '@auth/express';
import express from 'express';
import { answerParent } from '../answer.js';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, SECRET } = process.env;
const COOKIE = 'authjs.session-token';

const refresh = async (token) => {
  const response = await fetch(`${ISSUER}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: token.refresh_token,
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
    }),
  });
  const tokens = await response.json();
  if (!response.ok) return { ...token, access_token: '', error: 'RefreshTokenError' };
  return {
    ...token,
    access_token: tokens.access_token,
    expires_at: Date.now() + tokens.expires_in * 1000,
    refresh_token: tokens.refresh_token ?? token.refresh_token,
  };
};

const app = express();
// A regular expression: the library looks for the first unnamed parameter, which Express 5 has no other way to write.
app.use(
  /^\/auth\/(.*)$/,
  ExpressAuth({
    secret: SECRET,
    trustHost: true,
    useSecureCookies: false,
    providers: [],
    callbacks: {
      jwt: ({ token }) => (token.expires_at - 60_000 < Date.now() ? refresh(token) : token),
      session: ({ session, token }) => ({ ...session, access_token: token.access_token, error: token.error }),
    },
  }),
);
app.listen(0);

answerParent({
  connect: (refreshTokens) =>
    Promise.all(
      refreshTokens.map(async (refresh_token, index) => {
        const token = { sub: `user-${index}`, name: `user-${index}`, refresh_token, access_token: '', expires_at: 0 };
        const value = await encode({ secret: SECRET, salt: COOKIE, token });
        return { headers: { cookie: chunks(value).join('; ') } };
      }),
    ),
});

/** As Auth.js splits a cookie that is too long for one. */
const chunks = (value) => {
  const size = 3_936;
  if (value.length <= size) return [`${COOKIE}=${value}`];
  return Array.from(
    { length: Math.ceil(value.length / size) },
    (_, index) => `${COOKIE}.${index}=${value.slice(index * size, (index + 1) * size)}`,
  );
};
