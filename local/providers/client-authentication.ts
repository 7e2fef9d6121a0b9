/** How the one client shows who it is (RFC 6749 section 2.3, RFC 7523): exactly one way per request. */
import type { Dialect, Running } from './dialect.ts';
import { Refused } from './refusals.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

interface Credentials {
  readonly id: string | null;
  readonly secret: string | null;
}

/** RFC 6749 section 2.3.1: both parts are form-encoded first. */
const basicCredentials = (header: string): Credentials => {
  const match = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header);
  const pair = Buffer.from(match?.[1] ?? '', 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 0) throw new Refused('malformed', 'The Authorization header is not Basic.');
  const decode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
  return { id: decode(pair.slice(0, colon)), secret: decode(pair.slice(colon + 1)) };
};

export const authenticateClient = async (
  form: URLSearchParams,
  authorizationHeader: string | undefined,
  dialect: Dialect,
  running: Running,
): Promise<void> => {
  const { client } = running.options;
  const assertion = form.get('client_assertion');
  const ways = [authorizationHeader !== undefined, form.has('client_secret'), assertion !== null];
  if (ways.filter(Boolean).length > 1) throw new Refused('malformed', 'More than one way of client authentication.');

  const { id, secret } =
    authorizationHeader === undefined
      ? { id: form.get('client_id'), secret: form.get('client_secret') }
      : basicCredentials(authorizationHeader);
  if (id !== client.id) throw new Refused('unknown_client');
  if (assertion !== null && dialect.checkAssertion !== undefined) {
    if (form.get('client_assertion_type') !== ASSERTION_TYPE) throw new Refused('assertion_wrong');
    return dialect.checkAssertion(assertion, running);
  }
  if (secret === null || secret === '') throw new Refused('secret_missing');
  if (secret !== client.secret) throw new Refused('secret_wrong');
  if (running.switches.clientSecretExpired) throw new Refused('secret_expired');
};

/** An app shows its id, and the secret that is none where its provider gave it one. */
export const authenticateApp = (
  form: URLSearchParams,
  authorizationHeader: string | undefined,
  { options }: Running,
): void => {
  const secret = form.get('client_secret') ?? undefined;
  if (authorizationHeader !== undefined || form.has('client_assertion')) {
    throw new Refused('malformed', 'An app cannot keep a secret.');
  }
  if (secret === options.nativeClient?.secret) return;
  throw secret === undefined ? new Refused('secret_missing') : new Refused('secret_wrong');
};

/** A page has no secret: its code is bound to its verifier, and only a browser's cross-origin request redeems it. */
export const authenticatePage = (
  form: URLSearchParams,
  authorizationHeader: string | undefined,
  origin: string | undefined,
  { options }: Running,
): void => {
  if (form.get('client_id') !== options.client.id) throw new Refused('unknown_client');
  const isSecret = authorizationHeader !== undefined || form.has('client_secret') || form.has('client_assertion');
  if (isSecret) throw new Refused('malformed', 'A page of the single-page application platform has no secret.');
  // AADSTS9002327.
  if (origin === undefined || !options.browserOrigins.includes(origin)) {
    throw new Refused(
      'malformed',
      "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
    );
  }
};
