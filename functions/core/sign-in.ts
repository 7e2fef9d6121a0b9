/**
 * Signing in with OpenID Connect: `GET /v1/sso/{provider}/start` and `/callback`. Nobody is signed in yet, so a cookie of its own binds
 * the flow to its browser: it holds the sealed flow, and the state that travels through the provider is a random number in
 * it. Nothing else opens: a state of a consent flow is none here, and this one is none there.
 */
import { timingSafeEqual } from 'node:crypto';
import { readResponse } from './callback.ts';
import type { Clock } from './clock.ts';
import { Unavailable } from './errors.ts';
import { codeChallengeOf, digest, FLOW_MARKER_SECONDS, randomId, STATE_SECONDS } from './flow.ts';
import type { Owner } from './identity.ts';
import { type Organization, organizationOf, type ProviderIdentity, type Refusal, userOf } from './organizations.ts';
import type { CompletionStore, ExchangeAnswer, Observe, ProviderFault } from './ports.ts';
import { operatorMustAct } from './refusals.ts';
import {
  CODE_SECONDS,
  type Directory,
  directoryRefusal,
  newSession,
  newToken,
  type SessionLimits,
  type SessionStore,
  type UserRecord,
} from './sessions.ts';

/** What stays in the browser between start and callback, sealed. */
export interface SignInFlow {
  /** 256 bits: the state, and the name of the flow's marker. */
  readonly flowId: string;
  readonly provider: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
  readonly nonce: string;
  readonly returnTo: string;
  /** Whom the code of this sign-in is for; absent: the browser gets a cookie. */
  readonly challenge?: string;
  /** The only organization that will do. */
  readonly tenant?: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

export interface SignInSealer {
  sealSignIn(flow: SignInFlow): Promise<string>;
}
export interface SignInOpener {
  /** `undefined` for anything that does not open, or has another type. */
  openSignIn(token: string): Promise<SignInFlow | undefined>;
}

export type IdentityAnswer =
  | { readonly kind: 'identified'; readonly identity: ProviderIdentity }
  /** Forged, foreign, late, or for another flow. */
  | ({ readonly kind: 'id_token_refused' } & ProviderFault)
  | Exclude<ExchangeAnswer, { kind: 'tokens' }>;

export interface SignInProvider {
  /** Asks for `openid profile email` and nothing that lasts. */
  signInUrl(request: {
    readonly state: string;
    readonly nonce: string;
    readonly codeChallenge: string;
    readonly redirectUri: string;
  }): string;
  /** Whether an authorization response may name this issuer (RFC 9207). */
  mayIssue(issuer: string): boolean;
  /** Exchanges the code, verifies the id_token, and drops everything else. Throws `Unavailable` without the provider's keys. */
  identify(request: {
    readonly code: string;
    readonly codeVerifier: string;
    readonly nonce: string;
    readonly redirectUri: string;
  }): Promise<IdentityAnswer>;
}

/** The users of the organizations. */
export interface UserStore {
  /**
   * Makes the user's record, or brings name and e-mail up to date. `conflict`: the e-mail is another user's of the
   * organization; nothing is written then. Two at once make one.
   * @param isHolder the directory says that the e-mail is this user's: whoever has it so far gives it back
   */
  admit(owner: Owner, record: UserRecord, isHolder?: boolean): Promise<'created' | 'known' | 'conflict'>;
  read(owner: Owner): Promise<UserRecord | undefined>;
}

export interface StartDependencies {
  readonly providers: ReadonlyMap<string, SignInProvider>;
  readonly tokens: SignInSealer & SignInOpener;
  readonly redirectUriOf: (provider: string) => string;
  readonly returnUrls: ReadonlySet<string>;
  /** Pages here get a cookie; absent where no cookie is a session. */
  readonly cookieOrigin?: string;
  readonly organizations: readonly Organization[];
  readonly clock: Clock;
}

export interface SignInDependencies extends StartDependencies {
  readonly flows: Pick<CompletionStore, 'claimFlow'>;
  readonly users: UserStore;
  readonly sessions: Pick<SessionStore, 'create' | 'offer' | 'end'>;
  readonly directory: Directory;
  readonly limits: SessionLimits;
  readonly observe: Observe;
}

export interface StartRequest {
  readonly provider: string;
  readonly returnTo: string;
  readonly tenant?: string;
  readonly challenge?: string;
}

export type StartOutcome =
  | {
      readonly kind: 'started';
      readonly location: string;
      readonly state: string;
      readonly flow: string;
      readonly expiresIn: number;
    }
  | { readonly kind: 'not_found' | 'invalid_return_to' | 'challenge_missing' };

export const startSignIn = async (
  { providers, tokens, redirectUriOf, returnUrls, cookieOrigin, clock }: StartDependencies,
  { provider: name, returnTo, tenant, challenge }: StartRequest,
): Promise<StartOutcome> => {
  const provider = providers.get(name);
  if (!provider) return { kind: 'not_found' };
  if (!returnUrls.has(returnTo)) return { kind: 'invalid_return_to' };
  const byCookie = new URL(returnTo).origin === cookieOrigin;
  if (!byCookie && challenge === undefined) return { kind: 'challenge_missing' };
  const flow: SignInFlow = {
    flowId: randomId(32),
    provider: name,
    redirectUri: redirectUriOf(name),
    codeVerifier: randomId(32),
    nonce: randomId(),
    returnTo,
    ...(challenge === undefined ? {} : { challenge }),
    ...(tenant === undefined ? {} : { tenant }),
    expiresAt: Math.floor(clock.now() / 1000) + STATE_SECONDS,
  };
  const location = provider.signInUrl({
    state: flow.flowId,
    nonce: flow.nonce,
    codeChallenge: codeChallengeOf(flow.codeVerifier),
    redirectUri: flow.redirectUri,
  });
  return {
    kind: 'started',
    location,
    state: flow.flowId,
    flow: await tokens.sealSignIn(flow),
    expiresIn: STATE_SECONDS,
  };
};

export interface CallbackRequest {
  readonly provider: string;
  readonly query: URLSearchParams;
  /** The sealed flow, from its cookie. */
  readonly flow: string | undefined;
  /** What this browser renews its session with so far. */
  readonly renewalToken: string | undefined;
}

export type SignInCode =
  | Refusal
  | 'invalid_request'
  | 'invalid_state'
  | 'context_mismatch'
  | 'code_exchange_failed'
  | 'organization_forbids'
  | 'sign_in_failed'
  | 'provider_error'
  | 'temporarily_unavailable';

export type SignInOutcome =
  /** `renewalToken`: the browser's new one. */
  | { readonly kind: 'back'; readonly location: string; readonly renewalToken?: string }
  /** `backTo`: where this flow's link may lead. Without it nothing of the request can be trusted. */
  | { readonly kind: 'refused'; readonly code: SignInCode; readonly backTo?: string }
  /** The sign-in is over, because a neighbour did not answer. */
  | { readonly kind: 'unavailable'; readonly error: Unavailable; readonly backTo: string }
  | { readonly kind: 'not_found' };

export const finishSignIn = async (
  dependencies: SignInDependencies,
  { provider: name, query, flow: sealed, renewalToken }: CallbackRequest,
): Promise<SignInOutcome> => {
  const { providers } = dependencies;
  const provider = providers.get(name);
  if (!provider) return { kind: 'not_found' };
  const response = readResponse(query);
  if (!response) return { kind: 'refused', code: 'invalid_request' };
  const flow = await openFlow(dependencies, sealed, query.get('state') ?? '');
  if (!flow) return { kind: 'refused', code: 'invalid_state' };
  if (flow.provider !== name || flow.redirectUri !== dependencies.redirectUriOf(name)) {
    return { kind: 'refused', code: 'context_mismatch' };
  }
  const backTo = (result: Record<string, string>) =>
    `${flow.returnTo}#${new URLSearchParams({ ...result, provider: name })}`;
  const issuer = query.get('iss');
  if (issuer !== null && !provider.mayIssue(issuer))
    return { kind: 'back', location: backTo({ error: 'issuer_mismatch' }) };
  if (response.code === undefined) return { kind: 'back', location: backTo({ error: response.error }) };
  try {
    return await conclude(dependencies, { provider, flow, code: response.code, backTo, renewalToken });
  } catch (error) {
    // Whoever waits is a person: a page, and a way back.
    if (error instanceof Unavailable)
      return { kind: 'unavailable', error, backTo: backTo({ error: 'temporarily_unavailable' }) };
    throw error;
  }
};

interface Conclusion {
  readonly provider: SignInProvider;
  readonly flow: SignInFlow;
  readonly code: string;
  readonly backTo: (result: Record<string, string>) => string;
  readonly renewalToken: string | undefined;
}

/** From the code of this browser's own flow to a session. Throws `Unavailable`. */
const conclude = async (
  dependencies: SignInDependencies,
  { provider, flow, code: given, backTo, renewalToken }: Conclusion,
): Promise<SignInOutcome> => {
  const { flows, observe } = dependencies;
  const { provider: name } = flow;
  const refused = (code: SignInCode, why: Omit<Parameters<Observe>[0], 'event'> = {}): SignInOutcome => {
    observe({ ...why, event: 'sign_in_refused', severity: 'WARNING', provider: name, outcome: code });
    return { kind: 'refused', code, backTo: backTo({ error: code }) };
  };
  // Before the code is spent, and for good: a replay finds it.
  if (!(await flows.claimFlow(flow.flowId, FLOW_MARKER_SECONDS))) {
    // The browser has loaded the same URL twice, and the first time may have signed it in: the product knows.
    return { kind: 'refused', code: 'invalid_state', backTo: flow.returnTo };
  }
  const answer = await provider.identify({ ...flow, code: given });
  switch (answer.kind) {
    case 'identified':
      break;
    case 'id_token_refused':
      return refused('sign_in_failed', { code: answer.code });
    case 'code_refused':
      return refused('code_exchange_failed', { code: answer.code, detail: answer.detail });
    case 'unusable':
      return refused('provider_error', { code: answer.code });
    case 'organization_forbids':
      return refused('organization_forbids', { code: answer.code, detail: answer.detail });
    case 'refused':
      // Whatever it means, this code is spent, and a new sign-in is what may help.
      if (answer.unlisted || answer.ofScopes) {
        return refused('code_exchange_failed', { code: answer.code, detail: answer.detail });
      }
      if (answer.needsOps) throw operatorMustAct(observe, name, answer);
      throw new Unavailable('provider', answer.code);
    case 'no_answer':
      throw new Unavailable('provider', answer.code, { applied: answer.sent ? 'unknown' : 'no' });
  }
  const admitted = await admit(dependencies, answer.identity, flow.tenant);
  if (typeof admitted === 'string') return refused(admitted);
  observe({ event: 'signed_in', tenant: admitted.tenant, provider: name, created: admitted.created });
  return enter(dependencies, admitted, flow, backTo, renewalToken);
};

/** The flow whose state this is, in this browser, in time. */
const openFlow = async (
  { tokens, returnUrls, clock }: SignInDependencies,
  sealed: string | undefined,
  state: string,
): Promise<SignInFlow | undefined> => {
  const flow = sealed === undefined ? undefined : await tokens.openSignIn(sealed);
  if (!flow || !returnUrls.has(flow.returnTo) || clock.now() >= flow.expiresAt * 1000) return undefined;
  // Of hashes, which have one length.
  return timingSafeEqual(Buffer.from(digest(state)), Buffer.from(digest(flow.flowId))) ? flow : undefined;
};

/** From an account to a user of an organization, or why not. */
const admit = async (
  { organizations, directory, users }: SignInDependencies,
  identity: ProviderIdentity,
  wanted: string | undefined,
): Promise<(Owner & { readonly created: boolean }) | Refusal> => {
  const organization = organizationOf(organizations, identity, wanted);
  if (typeof organization === 'string') return organization;
  const owner = { tenant: organization.tenant, user: userOf(identity) };
  const [status, known] = await Promise.all([directory.status(owner), users.read(owner)]);
  const refusal = directoryRefusal(organization, status, known);
  if (refusal) return refusal;
  const { name, email } = identity;
  // The directory decides whose an address is, at either provider: an account that it does not list does not get it, and whom
  // it lists gets it back.
  const holders = email === undefined ? [] : await directory.holders(owner.tenant, email);
  if (status === undefined && holders.length > 0) return 'account_conflict';
  const isHolder = status !== undefined && holders.includes(owner.user);
  const record = await users.admit(
    owner,
    {
      inDirectory: status !== undefined,
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
    },
    isHolder,
  );
  return record === 'conflict' ? 'account_conflict' : { ...owner, created: record === 'created' };
};

/** Signing in ends what this browser had, and begins something new: a cookie, or a code for the backend. */
const enter = async (
  { sessions, limits, clock }: SignInDependencies,
  owner: Owner,
  { challenge, returnTo }: SignInFlow,
  backTo: (result: Record<string, string>) => string,
  former: string | undefined,
): Promise<SignInOutcome> => {
  if (former !== undefined) await sessions.end(digest(former));
  const token = newToken();
  const { tenant, user } = owner;
  if (challenge === undefined) {
    await sessions.create(digest(token), newSession(owner, 'browser', limits, clock.now()));
    return { kind: 'back', location: returnTo, renewalToken: token };
  }
  await sessions.offer(digest(token), { tenant, user, challenge, expiresAt: clock.now() + CODE_SECONDS * 1000 });
  return { kind: 'back', location: backTo({ code: token, tenant }) };
};
