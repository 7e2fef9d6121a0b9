/** What providers answer, and what it means whoever the provider is. */
import type { RefreshAnswer } from '../../functions/core/ports.ts';
import type { Scripted } from '../support/stub-provider.ts';

export const CLIENT_ID = 'client-1';
export const CLIENT_SECRET = 'secret-of-the-client';
export const REDIRECT_URI = 'https://broker.example/v1/callback/provider';

/** Values that must not turn up in a URL or in any output. */
export const CANARIES = {
  code: 'canary-code',
  codeVerifier: 'canary-verifier-0123456789-0123456789-0123456789',
  refreshToken: 'canary-refresh-token',
  rotated: 'canary-rotated-token',
  accessToken: 'canary-access-token',
  providerText: 'canary-text-of-the-provider',
  secret: CLIENT_SECRET,
} as const;

export const tokenAnswer = (members: Record<string, unknown> = {}): Scripted => ({
  json: { token_type: 'Bearer', access_token: CANARIES.accessToken, expires_in: 3599, scope: 'a b', ...members },
});

export const refusal = (
  status: number,
  json: Record<string, unknown>,
  headers: Record<string, string> = {},
): Scripted => ({
  status,
  json: { error_description: CANARIES.providerText, ...json },
  headers,
});

/** S48: answers that are none. */
/** `more`: a client error that goes on is final; an answer of which not all came keeps a lease. */
export const unusable: readonly (readonly [
  name: string,
  answer: Scripted,
  code: string,
  more?: { unlisted?: true; incomplete?: true },
])[] = [
  ['a redirect', { status: 302, headers: { location: '/elsewhere' }, json: {} }, 'redirect'],
  ['HTML', { text: '<html>canary-text-of-the-provider</html>' }, 'not_json'],
  ['HTML with a client error', { status: 403, text: '<html></html>' }, 'not_json', { unlisted: true }],
  ['a JSON array', { json: [] }, 'not_json'],
  ['more than 64 KiB', tokenAnswer({ padding: 'x'.repeat(65_536) }), 'too_large', { incomplete: true }],
  ['a token that is not Bearer', tokenAnswer({ token_type: 'mac' }), 'not_bearer'],
  ['no token', tokenAnswer({ access_token: undefined }), 'no_access_token'],
  ['a client error without a code', { status: 404, json: {} }, 'http_404', { unlisted: true }],
  ['something that is no HTTP', 'noise', 'not_http', { incomplete: true }],
];

export const commonErrors: readonly (readonly [Record<string, unknown>, Partial<RefreshAnswer>])[] = [
  [{ error: 'invalid_grant' }, { kind: 'grant_dead', code: 'invalid_grant' }],
  [{ error: 'interaction_required' }, { kind: 'user_needed', code: 'interaction_required' }],
  [{ error: 'login_required' }, { kind: 'user_needed', code: 'login_required' }],
  [{ error: 'consent_required' }, { kind: 'user_needed', code: 'consent_required' }],
  [{ error: 'invalid_client' }, { kind: 'refused', needsOps: true, code: 'invalid_client' }],
  [{ error: 'unauthorized_client' }, { kind: 'refused', needsOps: true, code: 'unauthorized_client' }],
  [{ error: 'invalid_scope' }, { kind: 'refused', needsOps: false, code: 'invalid_scope' }],
  [{ error: 'brand_new_error' }, { kind: 'refused', needsOps: false, unlisted: true, code: 'brand_new_error' }],
  [{ error: 'Not A Code!' }, { kind: 'refused', needsOps: false, code: 'unknown_error' }],
  [{ error: 'constructor' }, { kind: 'refused', needsOps: false, code: 'constructor' }],
  [
    { error: 'temporarily_unavailable' },
    { kind: 'no_answer', sent: true, decided: true, code: 'temporarily_unavailable' },
  ],
  [{ error: 'server_error' }, { kind: 'no_answer', sent: true, decided: true, code: 'server_error' }],
];
