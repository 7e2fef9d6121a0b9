/**
 * A provider's token endpoint that is never the bottleneck: TLS, kept connections, the checks that tell a real refresh
 * from none, and nothing else. (The simulated providers of `local` know much more, and cost more than the servers here.)
 *
 * | path      | a refresh                                                                  | as           |
 * |-----------|----------------------------------------------------------------------------|--------------|
 * | `/`       | gives a new refresh token, the old ones stay good                          | Microsoft    |
 * | `/stable` | gives none                                                                 | Google       |
 * | `/strict` | gives a new one; a spent one that comes again ends the grant (RFC 9700 4.14.2) | many others |
 *
 * Access tokens live one second, so that no server can answer with a kept one.
 */
import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Client {
  readonly id: string;
  readonly secret: string;
}

export interface Provider {
  readonly origin: string;
  /** Tokens handed out so far. */
  issued(): number;
  /** Before each answer. */
  setLatency(milliseconds: number): void;
  /** From now on this grant's refresh tokens are good once, whatever the path. */
  makeStrict(grant: string): void;
  stop(): Promise<void>;
}

/** Characters: as long as real ones are. */
const ACCESS_TOKEN = 1_600;
const REFRESH_TOKEN = 1_200;

/** A user's grant: any name without a dot. */
export const refreshToken = (grant: string, use: number): string => `${grant}.${use}.`.padEnd(REFRESH_TOKEN, 'r');

/** In a server's answer; empty: none. */
export const accessTokenIn = (text: string): string => /"access_?[tT]oken":"([^"]+)"/.exec(text)?.[1] ?? '';

interface Grant {
  use: number;
  strict: boolean;
  ended: boolean;
}

export const startProvider = async (
  tls: { readonly key: string; readonly cert: string },
  client: Client,
  jwks: object,
): Promise<Provider> => {
  const grants = new Map<string, Grant>();
  let issued = 0;
  let latency = 0;
  let origin = '';

  const grantOf = (name: string): Grant => {
    const grant = grants.get(name) ?? { use: 0, strict: false, ended: false };
    grants.set(name, grant);
    return grant;
  };

  const refresh = (kind: string, form: URLSearchParams): object | undefined => {
    const [name = '', use = ''] = form.get('refresh_token')?.split('.') ?? [];
    const grant = grantOf(name);
    if ((grant.strict || kind === '/strict') && Number(use) !== grant.use) grant.ended = true;
    const isKnown = /^\d+$/.test(use) && Number(use) <= grant.use;
    if (form.get('grant_type') !== 'refresh_token' || name === '' || !isKnown || grant.ended) return undefined;
    if (kind !== '/stable') grant.use += 1;
    return {
      token_type: 'Bearer',
      access_token: `${name}.${randomBytes(12).toString('hex')}.`.padEnd(ACCESS_TOKEN, 'a'),
      expires_in: 1,
      scope: SCOPES,
      id_token: idTokens[kind],
      ...(kind === '/stable' ? {} : { refresh_token: refreshToken(name, grant.use) }),
    };
  };

  const answer = async (request: IncomingMessage): Promise<[number, object]> => {
    const path = (request.url ?? '/').replace(/\/$/, '');
    if (path === '/jwks') return [200, jwks];
    const discovered = path.replace('/.well-known/openid-configuration', '');
    if (discovered !== path) return [200, metadata(`${origin}${discovered}`)];
    let text = '';
    for await (const chunk of request) text += chunk;
    const form = new URLSearchParams(text);
    if (latency > 0) await sleep(latency);
    if (!isClient(request, form, client)) return [401, { error: 'invalid_client' }];
    const tokens = refresh(path.replace('/token', ''), form);
    if (!tokens) return [400, { error: 'invalid_grant' }];
    issued += 1;
    return [200, tokens];
  };

  const server = createServer({ ...tls, keepAliveTimeout: 60_000 }, async (request, response) => {
    const [status, body] = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const idTokens: Readonly<Record<string, string>> = Object.fromEntries(
    ['', '/stable', '/strict'].map((kind) => [kind, idToken(`${origin}${kind}`, client)]),
  );
  return {
    origin,
    issued: () => issued,
    setLatency: (milliseconds) => {
      latency = milliseconds;
    },
    makeStrict: (name) => {
      grantOf(name).strict = true;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** A token is good for each provider of the broker's catalogue. */
export const SCOPES = 'Files.Read https://www.googleapis.com/auth/drive.readonly notes.read';

/** RFC 6749 section 2.3.1: both ways, as the libraries like it. The header's parts are form-encoded first. */
const isClient = ({ headers }: IncomingMessage, form: URLSearchParams, { id, secret }: Client): boolean => {
  const basic = Buffer.from(headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString();
  const given = basic === '' ? [form.get('client_id'), form.get('client_secret')] : basic.split(':');
  return decodeURIComponent(given[0] ?? '') === id && decodeURIComponent(given[1] ?? '') === secret;
};

const metadata = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
});

/** Made once: signing one per answer would be the dearest thing that this provider does. */
const idToken = (issuer: string, { id }: Client): string => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: id, sub: 'account-1', oid: 'account-1', iat: now, exp: now + 86_400 };
  const text = [{ alg: 'RS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${createSign('sha256').update(text).sign(privateKey, 'base64url')}`;
};
