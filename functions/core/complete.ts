/** `POST /v1/connections/{provider}/complete`: the code becomes a connection, once, for the user who started. */
import type { Clock } from './clock.ts';
import type { Connection, ConnectionKey } from './connection.ts';
import { dataKeyPlace, newDataKey, seal, tokenPlace } from './envelope.ts';
import { Unavailable } from './errors.ts';
import {
  bindingOf,
  FLOW_MARKER_SECONDS,
  type Flow,
  type FlowOpener,
  randomId,
  type StateVerifier,
  TICKET_SECONDS,
} from './flow.ts';
import type { Identity } from './identity.ts';
import { keyedHash, tombstoneOf } from './keyed-hash.ts';
import { type PolicyRefusal, refusalOf } from './policy.ts';
import type {
  AccountIndex,
  CodeExchanger,
  CompletionStore,
  ExchangeAnswer,
  KeyUnwrapper,
  KeyWrapper,
  Observe,
  PolicySource,
  Revocation,
  Revoker,
  Stored,
} from './ports.ts';
import type { ProviderProfile } from './provider.ts';
import { connectionRefused, operatorMustAct } from './refusals.ts';
import { mayRevoke, revokeSealed } from './revocation.ts';
import { grantedOf, integrationsOf, missingAfter, withheldOf } from './scopes.ts';

export interface CompleteDependencies {
  readonly profile: ProviderProfile;
  readonly provider: CodeExchanger & Partial<Revoker>;
  readonly store: CompletionStore;
  readonly accounts: AccountIndex;
  readonly policies: PolicySource;
  /** Unwraps nothing but the key of the token that was replaced. */
  readonly keys: KeyWrapper & KeyUnwrapper;
  readonly tokens: StateVerifier & FlowOpener;
  readonly redirectUri: string;
  readonly hashKey: Uint8Array;
  readonly clock: Clock;
  readonly observe: Observe;
}

export interface CompleteRequest {
  readonly identity: Identity;
  readonly ticket: string;
  readonly flow: string;
}

export type CompleteOutcome =
  | {
      readonly kind: 'connected';
      readonly integrations: readonly string[];
      readonly scopes: readonly string[];
      readonly missing: readonly string[];
      readonly accountReplaced: boolean;
      /** What happened at the provider to the grant that this one took the place of. */
      readonly replaced?: Revocation;
    }
  | { readonly kind: 'invalid_state' | 'context_mismatch' | 'session_mismatch' | PolicyRefusal }
  /** The last two are final: another flow would end in the same way. */
  | { readonly kind: 'code_exchange_failed' | 'unusable' | 'organization_forbids' | 'no_refresh_token' };

/**
 * Throws `Unavailable`. Until the flow is claimed a call changes nothing and may be repeated while its ticket lives;
 * afterwards the user begins again.
 */
export const complete = async (
  dependencies: CompleteDependencies,
  { identity, ticket, flow: sealedFlow }: CompleteRequest,
): Promise<CompleteOutcome> => {
  const { profile, provider, store, policies, keys, observe } = dependencies;
  const opened = await openFlow(dependencies, ticket, sealedFlow);
  if ('kind' in opened) return opened;
  const { flow, code } = opened;
  if (flow.tenant !== identity.tenant || flow.user !== identity.user) {
    observe({ event: 'session_mismatch', severity: 'WARNING', tenant: identity.tenant, provider: profile.name });
    return { kind: 'session_mismatch' };
  }
  const { policy } = await policies.policy(identity.tenant);
  const early = refusalOf(policy, profile, flow.scopes);
  if (early) return { kind: early };

  const key: ConnectionKey = { tenant: identity.tenant, user: identity.user, provider: profile.name };
  const generation = randomId();
  const dataKey = newDataKey();
  // Before the code is spent: after the exchange nothing needs the key service.
  const wrapped = await keys.wrap(dataKey, dataKeyPlace(key, generation));
  if (!(await store.claimFlow(flow.flowId, FLOW_MARKER_SECONDS))) return { kind: 'invalid_state' };

  const answer = await provider.exchange({ code, ...flow });
  if (answer.kind !== 'tokens') {
    if (answer.refreshToken !== undefined) await revokeRefused(dependencies, identity.tenant, answer.refreshToken);
    return exchangeFailed(dependencies, identity.tenant, answer);
  }
  const { tokens, account } = answer;
  const accountHash = keyedHash(dependencies.hashKey, 'account', account.issuer, account.subject);
  const granted = grantedOf(profile.catalogue, tokens.scopes ?? flow.scopes);

  const result = await store.store(
    { key, tombstone: tombstoneOf(dependencies.hashKey, key), flowId: flow.flowId },
    ({ policy: current, deletedAt, present }) => {
      // Begun before the account was deleted. Equal times count as before: they are of one clock.
      if (deletedAt !== undefined && flow.startedAt <= deletedAt) return { refused: 'invalid_state' as const, present };
      const refused = refusalOf(current, profile, flow.scopes);
      if (refused) return { refused, present };
      const same = present?.connection.account === accountHash ? present : undefined;
      const life = tokens.refreshToken
        ? {
            generation,
            revision: 1,
            sealed: { ...wrapped, ciphertext: seal(dataKey, tokens.refreshToken, tokenPlace(key, generation, 1)) },
          }
        : keptLife(same);
      if (!life) return { refused: 'no_refresh_token' as const, present };
      const withheld = withheldOf(profile.catalogue, [...(same?.connection.withheld ?? []), ...flow.scopes], granted);
      const write = { ...life, scopes: granted, ...withheld, account: accountHash, attempt: flow.flowId };
      return { write, present, replaced: present !== undefined && same === undefined };
    },
  );
  if ('refused' in result) {
    // A grant that is not kept ends at the provider too; not where a living connection might be taken along.
    if (tokens.refreshToken) await revokeUnkept(dependencies, result.present, key, accountHash, tokens.refreshToken);
    if (result.refused === 'no_refresh_token') {
      observe({ event: 'no_refresh_token', severity: 'ERROR', tenant: key.tenant, provider: key.provider });
    }
    return { kind: result.refused };
  }
  const { scopes } = result.write;
  const replaced = await revokeReplaced(dependencies, result);
  observe({ event: 'connected', tenant: key.tenant, provider: key.provider, account_replaced: result.replaced });
  return {
    kind: 'connected',
    integrations: integrationsOf(profile.catalogue, scopes),
    scopes,
    missing: missingAfter(profile.catalogue, flow.scopes, scopes),
    accountReplaced: result.replaced,
    ...(replaced === undefined ? {} : { replaced }),
  };
};

/** Ticket, state and flow, each genuine and all of one flow, at this function's own redirect URI. */
const openFlow = async (
  { tokens, profile, redirectUri, clock }: CompleteDependencies,
  sealedTicket: string,
  sealedFlow: string,
): Promise<{ flow: Flow; code: string } | { kind: 'invalid_state' | 'context_mismatch' }> => {
  const [ticket, flow] = await Promise.all([tokens.openTicket(sealedTicket), tokens.openFlow(sealedFlow)]);
  if (!ticket || !flow || ticket.expiresAt * 1000 <= clock.now()) return { kind: 'invalid_state' };
  // The state was good when the ticket was made, at most a ticket's life ago.
  const state = await tokens.verifyState(ticket.state, 'connect', TICKET_SECONDS);
  if (!state || state.flowId !== flow.flowId || state.binding !== bindingOf(flow)) return { kind: 'invalid_state' };
  if (state.provider !== profile.name || flow.redirectUri !== redirectUri) return { kind: 'context_mismatch' };
  return { flow, code: ticket.code };
};

/** Some providers give a refresh token only with the first consent: the stored one of the same account goes on. */
const keptLife = (same: Stored | undefined): Pick<Connection, 'generation' | 'revision' | 'sealed'> | undefined => {
  if (!same?.connection.sealed || same.connection.authorizeAgain) return undefined;
  const { generation, revision, sealed } = same.connection;
  return { generation, revision, sealed };
};

const revokeUnkept = async (
  { provider, accounts }: CompleteDependencies,
  present: Stored | undefined,
  key: ConnectionKey,
  account: string,
  refreshToken: string,
): Promise<void> => {
  const revoker = revokerOf(provider);
  if (!revoker || (present && revoker.ends !== 'token')) return;
  if (await mayRevoke(revoker, accounts, { provider: key.provider, account }, [])) await revoker.revoke(refreshToken);
};

/**
 * A new life has taken the place of another one, whose token still works at the provider. It is revoked where that ends
 * neither the new grant nor anybody else's.
 * @returns `undefined`: there was none, or the same life goes on
 */
const revokeReplaced = async (
  { provider, accounts, keys, observe }: CompleteDependencies,
  {
    present,
    write,
  }: { readonly present: Stored | undefined; readonly write: Pick<Connection, 'generation' | 'account'> },
): Promise<Revocation | undefined> => {
  if (!present?.connection.sealed || present.connection.generation === write.generation) return undefined;
  const revoker = revokerOf(provider);
  const isOther = revoker?.knowsAccounts === true && present.connection.account !== write.account;
  if (!revoker || (revoker.ends !== 'token' && !isOther)) return 'impossible';
  // Nothing is excepted: this user may have come back with the former account meanwhile.
  return revokeSealed({ accounts, keys, observe }, revoker, present, []);
};

const revokerOf = ({ ends, knowsAccounts = false, revoke }: Partial<Revoker>): Revoker | undefined =>
  ends && revoke && { ends, knowsAccounts, revoke };

/**
 * A refresh token that came in a refused answer would live on at the provider, and nobody would know of it. Its account
 * is unknown, so it is revoked where that ends this token alone, or where accounts say nothing and nobody is connected.
 */
const revokeRefused = async (
  { provider, accounts, profile, observe }: CompleteDependencies,
  tenant: string,
  refreshToken: string,
): Promise<void> => {
  const revoker = revokerOf(provider);
  if (!revoker || (revoker.ends !== 'token' && revoker.knowsAccounts)) return;
  try {
    if (await mayRevoke(revoker, accounts, { provider: profile.name, account: '' }, [])) {
      await revoker.revoke(refreshToken);
    }
  } catch (error) {
    // What the exchange came to is the answer, whatever the database does.
    if (!(error instanceof Unavailable)) throw error;
    observe({ event: 'revocation_failed', severity: 'WARNING', tenant, provider: profile.name, reason: error.name });
  }
};

const exchangeFailed = (
  { profile, observe }: CompleteDependencies,
  tenant: string,
  answer: Exclude<ExchangeAnswer, { kind: 'tokens' }>,
): CompleteOutcome => {
  const { kind, code, detail } = answer;
  observe({ event: 'exchange_failed', severity: 'WARNING', provider: profile.name, outcome: kind, code, detail });
  switch (answer.kind) {
    case 'code_refused':
      return { kind: 'code_exchange_failed' };
    case 'unusable':
      return { kind: 'unusable' };
    case 'organization_forbids':
      observe(connectionRefused({ tenant, provider: profile.name }, answer.kind, answer));
      return { kind: 'organization_forbids' };
    case 'refused':
      if (answer.needsOps) throw operatorMustAct(observe, profile.name, answer);
      // Whatever it means, this code is spent, and a new flow is what may help.
      if (answer.unlisted || answer.ofScopes) return { kind: 'code_exchange_failed' };
      throw new Unavailable('provider', code, answer.retryAfter === undefined ? {} : { retryAfter: answer.retryAfter });
    case 'no_answer':
      throw new Unavailable('provider', code, { applied: answer.sent ? 'unknown' : 'no' });
  }
};
