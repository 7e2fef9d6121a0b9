/**
 * How tests and demonstrations steer a simulated provider while it runs: as an object, or over HTTP with JSON.
 *
 *     GET   /control           { provider, switches, counts }
 *     PATCH /control           some switches, e.g. {"latencyMs": 500}; answers like GET
 *     POST  /control/events    { event, account?, tokens? }; answers like GET
 *     GET   /control/issued    every secret handed out, and the names of all content: [{ kind, value }]
 *
 * The control endpoint works during an outage. A switch that has no effect at a provider is refused with 400.
 *
 * | switch              | value (default)                                  | effect |
 * |---------------------|--------------------------------------------------|--------|
 * | outage              | {at: all/token, as: 503/reset} (null)            | everything, or the token endpoint, answers 503 or resets |
 * | latencyMs           | milliseconds (0)                                 | before every answer |
 * | rotation            | stable / tolerant / strict (the provider's own)  | what a refresh does to the refresh token |
 * | graceSeconds        | seconds (0)                                      | strict: how long a spent token still works |
 * | accessTokenSeconds  | seconds (3599)                                   | lifetime of new access tokens |
 * | refreshTokenSeconds | seconds (null: the provider's own)               | lifetime of new refresh tokens (Google then says `refresh_token_expires_in`) |
 * | liveRefreshTokens   | number (100)                                     | Google: live refresh tokens per account; the oldest dies |
 * | withheldScopes      | list of scopes ([])                              | Google, notes: the user does not grant these |
 * | revocationEnds      | token / grant / session (token)                  | notes: what ends with a revoked token: its authorization, or all of the account's (with `session` as Keycloak does it) |
 * | scopeSpelling       | as_asked / prefixed / lower_case / government (as_asked) | Microsoft: how token answers spell Graph's scopes |
 * | mfaRequired         | boolean (false)                                  | the provider wants the user: Entra `basic_action`, Google `invalid_rapt`, notes `interaction_required`; authorizing again satisfies it |
 * | clientSecretExpired | boolean (false)                                  | 401 `invalid_client` |
 * | claimsChallenge     | boolean (false)                                  | Graph refuses tokens that were not obtained with its claims challenge (continuous access evaluation); it names the claims to clients that declared `cp1` |
 * | issuerSpelling      | url / host (url)                                 | Google: `iss` of id_tokens with or without `https://` |
 * | idToken             | claims ({})                                      | Microsoft, Google: takes the place of what id_tokens say; null leaves a claim out |
 * | commitThen          | {fail: 504/reset/truncated, next: N} (null)      | the next N token answers take effect and are lost |
 * | answerShape         | {shape, next: N} (null)                          | the next N token answers are odd: see answer-shapes.ts |
 * | tooManyRequests     | {retryAfter: seconds, next: N} (null)            | the next N token calls get 429 |
 *
 * | event           | members          | effect |
 * |-----------------|------------------|--------|
 * | revoke-access   | account          | the user takes access back on the account page. Google and notes: the grant and its tokens die. Microsoft: consent is gone (`consent_required`), access tokens live until they expire |
 * | revoke-sessions | account          | Microsoft: all refresh tokens die (50173) |
 * | change-password | account          | the user changes the password. Google: tokens with Gmail scopes die. Others: nothing |
 * | admin-reset     | account          | an administrator resets the password. Google: as above. Others: all refresh tokens die (Entra 50173) |
 * | expire-tokens   | account?, tokens | `tokens`: access (default), refresh or all, of one account or of all, are over |
 *
 * | count             | what |
 * |-------------------|------|
 * | authorizations    | authorization requests that were good enough for a consent page |
 * | tokenCalls        | token requests that were handled, refused ones too, by `grant_type` |
 * | turnedAway        | token requests that an outage or a 429 (notes: an expired secret too) kept from being handled |
 * | reuseAlarms       | spent refresh tokens that were presented |
 * | liveRefreshTokens | now |
 * | revocations       | revocation requests that arrived |
 */
import type { IncomingMessage } from 'node:http';
import { type Account, accountOf } from './accounts.ts';
import type { Issued } from './ledger.ts';
import { changeSwitches, type Switches, WrongSwitch } from './switches.ts';
import { type Answer, foreignPage, isForeign, json, readJson } from './web.ts';

const accountEvents = ['revoke-access', 'revoke-sessions', 'change-password', 'admin-reset'] as const;
type AccountEvent = (typeof accountEvents)[number];
const tokenKinds = ['access', 'refresh', 'all'] as const;
export type TokenKind = (typeof tokenKinds)[number];

export type ControlEvent =
  | { readonly event: AccountEvent; readonly account: string }
  | { readonly event: 'expire-tokens'; readonly account?: string; readonly tokens?: TokenKind };

export interface Counts {
  authorizations: number;
  tokenCalls: Record<string, number>;
  turnedAway: number;
  reuseAlarms: number;
  liveRefreshTokens: number;
  revocations: number;
}

export interface ControlState {
  readonly provider: string;
  readonly switches: Switches;
  readonly counts: Counts;
}

export interface Control {
  read(): ControlState;
  /** Throws `WrongSwitch`. */
  change(switches: Partial<Switches>): ControlState;
  /** Throws `WrongSwitch` for an event or account that does not exist. */
  happen(event: ControlEvent): ControlState;
  issued(): readonly Issued[];
}

/** What each provider does when something happens to an account; what does not exist there is left out. */
export interface Happenings extends Readonly<Partial<Record<AccountEvent, (account: Account) => void>>> {
  'revoke-access'(account: Account): void;
  'expire-tokens'(tokens: TokenKind, account: Account | undefined): void;
}

export const createControl = (
  provider: string,
  switches: Switches,
  inert: readonly (keyof Switches)[],
  counts: () => Counts,
  happenings: Happenings,
  issued: () => readonly Issued[],
): Control => {
  const read = (): ControlState => structuredClone({ provider, switches, counts: counts() });
  const named = (email: string) => {
    const account = accountOf(email);
    if (account === undefined) throw new WrongSwitch('There is no such account.');
    return account;
  };
  const happen = (event: ControlEvent): void => {
    if (event.event === 'expire-tokens') {
      const account = event.account === undefined ? undefined : named(event.account);
      happenings['expire-tokens'](event.tokens ?? 'access', account);
      return;
    }
    const effect = happenings[event.event];
    if (effect === undefined) throw new WrongSwitch(`"${event.event}" has no effect at this provider.`);
    effect(named(event.account));
  };
  return {
    read,
    change(change) {
      changeSwitches(switches, change, inert);
      return read();
    },
    happen(event) {
      happen(event);
      return read();
    },
    issued: () => [...issued()],
  };
};

const readEvent = (body: object): ControlEvent => {
  const { event, account, tokens, ...rest } = body as Record<string, unknown>;
  const isAccountEvent =
    accountEvents.some((known) => known === event) && typeof account === 'string' && tokens === undefined;
  const isExpiry =
    event === 'expire-tokens' &&
    (account === undefined || typeof account === 'string') &&
    (tokens === undefined || tokenKinds.some((kind) => kind === tokens));
  if (!(isAccountEvent || isExpiry) || Object.keys(rest).length > 0) {
    throw new WrongSwitch('There is no such event, or a member is missing or unknown.');
  }
  return body as ControlEvent;
};

/** Serves `/control`; `undefined` for any other path. */
export const controlEndpoint = async (
  control: Control,
  request: IncomingMessage,
  path: string,
): Promise<Answer | undefined> => {
  if (path !== '/control' && !path.startsWith('/control/')) return undefined;
  if (isForeign(request)) return foreignPage;
  try {
    switch (`${request.method} ${path}`) {
      case 'GET /control':
        return json(200, control.read());
      case 'GET /control/issued':
        return json(200, control.issued());
      case 'PATCH /control':
        return json(200, control.change(await readJson(request)));
      case 'POST /control/events':
        return json(200, control.happen(readEvent(await readJson(request))));
      default:
        return json(404, { error: 'not_found' });
    }
  } catch (error) {
    if (error instanceof WrongSwitch) return json(400, { error: 'wrong_switch', error_description: error.message });
    throw error;
  }
};
