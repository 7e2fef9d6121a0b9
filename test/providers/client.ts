/** A bare OAuth client for these tests: raw HTTP, no library, nothing of the broker. */
import { createHash, randomBytes } from 'node:crypto';
import type { LocalProvider } from '../../local/providers/provider.ts';
import { type Choices, consent } from '../support/consent.ts';

export const client = { id: 'client-1', secret: 'secret-1' };
export const redirectUri = 'http://127.0.0.1:9/callback';
export const pageOrigin = 'http://localhost:8081';
export const setup = { client, redirectUris: [redirectUri], browserOrigins: [pageOrigin] };

export const account1 = 'account-1@org-1.example';
export const account2 = 'account-2@org-2.example';
export const account3 = 'account-3@personal.example';

/** A clock that tests move by hand. */
export const createClock = (start = Date.now()) => {
  let time = start;
  return {
    now: () => time,
    advance(seconds: number) {
      time += seconds * 1000;
    },
  };
};

export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  /** Empty when absent. */
  readonly accessToken: string;
  readonly refreshToken: string;
}

export const post = async (url: string, form: Record<string, string>, headers: Record<string, string> = {}) => {
  const response = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(5000),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  const body: Record<string, unknown> = isJson ? JSON.parse(text) : {};
  const answer: TokenAnswer = {
    status: response.status,
    headers: response.headers,
    body,
    accessToken: String(body.access_token ?? ''),
    refreshToken: String(body.refresh_token ?? ''),
  };
  return answer;
};

/** `client_secret_basic` (RFC 6749 section 2.3.1). */
export const basic = (secret = client.secret) => ({
  authorization: `Basic ${Buffer.from(`${client.id}:${secret}`).toString('base64')}`,
});

/** The strict provider takes the secret as Basic credentials only; the others get it in the form. */
export const createClient = (provider: LocalProvider, scope: string, parameters: Record<string, string> = {}) => {
  const isStrict = provider.control.read().provider === 'notes';
  const secret = isStrict ? {} : { client_id: client.id, client_secret: client.secret };
  const verifier = randomBytes(32).toString('base64url');

  const authorizationUrl = (more: Record<string, string> = {}): string => {
    const url = new URL(provider.endpoints.authorization);
    url.search = new URLSearchParams({
      client_id: client.id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope,
      state: 'state-1',
      nonce: 'nonce-1',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...parameters,
      ...more,
    }).toString();
    return url.href;
  };

  const token = (form: Record<string, string>) =>
    post(provider.endpoints.token, { ...secret, ...form }, isStrict ? basic() : {});

  return {
    authorizationUrl,
    token,
    /** The parameters that come back to the client. */
    authorize: async (choices: Choices = {}, more: Record<string, string> = {}) =>
      new URL(await consent(authorizationUrl(more), choices)).searchParams,
    exchange: (code: string | null, more: Record<string, string> = {}) =>
      token({
        grant_type: 'authorization_code',
        code: code ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...more,
      }),
    refresh: (refreshToken: string, more: Record<string, string> = {}) =>
      token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...more }),
    /** Authorizes and exchanges. */
    async connect(choices: Choices = {}, more: Record<string, string> = {}): Promise<TokenAnswer> {
      return this.exchange((await this.authorize(choices, more)).get('code'));
    },
  };
};

/** A call of one of the provider's APIs, as the demo page's browser makes it. */
export const callApi = async (provider: LocalProvider, path: string, accessToken: string, origin = pageOrigin) => {
  const response = await fetch(`${provider.origin}${path}`, {
    headers: { authorization: `Bearer ${accessToken}`, origin },
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
};

/** The claims of a JWT, unverified. */
export const claimsOf = (jwt: unknown): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(jwt).split('.')[1] ?? '', 'base64url').toString());
