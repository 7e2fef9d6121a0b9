/**
 * An administrator of the provider's tenant consents for everybody there. Source: "Admin consent on the Microsoft identity
 * platform". The page that asks is also the redirect URI, so it has to be registered with the provider.
 */
import type { AdminProvider } from '../client/src/admin.ts';
import { read, remove, write } from '../client/src/storage.ts';

/** Answers wait for their states here: another tab's answer, or a made-up one, finds none. */
const PLACE = 'token-broker:admin-consent';

type Waiting = Readonly<Record<string, string>>;

const waiting = (): Waiting => read(PLACE) ?? {};
const here = () => location.origin + location.pathname;

/** Where to send the administrator. */
export const consentUrl = (provider: string, consent: NonNullable<AdminProvider['admin_consent']>): string => {
  const state = crypto.randomUUID();
  write(PLACE, { ...waiting(), [state]: provider });
  const url = new URL(consent.endpoint);
  const { client_id, scopes } = consent;
  const parameters = { client_id, scope: scopes.join(' '), redirect_uri: here(), state };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
};

export type ConsentAnswer =
  | { readonly kind: 'given' | 'denied' | 'failed'; readonly provider: string }
  /** Not asked for in this tab: it may be somebody's trick. */
  | { readonly kind: 'foreign' };

/** All that an answer may bring; other parameters are the page's own. */
const ANSWER = [
  'admin_consent',
  'tenant',
  'scope',
  'state',
  'error',
  'error_description',
  'error_subcode',
  'error_uri',
];

/** What came back; it leaves address bar and history before anything else happens. `undefined`: nothing did. */
export const takeConsentAnswer = (): ConsentAnswer | undefined => {
  const url = new URL(location.href);
  const answer = new URLSearchParams(url.search);
  const state = answer.get('state');
  if (!state || !(answer.has('admin_consent') || answer.has('error'))) return undefined;
  for (const name of ANSWER) url.searchParams.delete(name);
  history.replaceState(history.state, '', url);
  const asked = waiting();
  const provider = Object.hasOwn(asked, state) ? asked[state] : undefined;
  if (provider === undefined) return { kind: 'foreign' };
  // One answer ends all that this tab has asked for.
  remove(PLACE);
  const error = answer.get('error');
  if (error) return { kind: error === 'access_denied' ? 'denied' : 'failed', provider };
  return { kind: answer.get('admin_consent') === 'True' ? 'given' : 'failed', provider };
};
