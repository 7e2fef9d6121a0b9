/** One user of a strict provider: the real refresh and the real completion over a store in memory. */
import { type CompleteOutcome, complete } from '../../../functions/core/complete.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import { newDataKey, open, seal, tokenPlace } from '../../../functions/core/envelope.ts';
import { Unavailable } from '../../../functions/core/errors.ts';
import { bindingOf, type Flow } from '../../../functions/core/flow.ts';
import type { Policy } from '../../../functions/core/policy-form.ts';
import type {
  CodeExchanger,
  ConnectionStore,
  Event,
  NewConnection,
  Refresher,
  RevocationEnds,
} from '../../../functions/core/ports.ts';
import type { ProviderProfile } from '../../../functions/core/provider.ts';
import { refresh } from '../../../functions/core/refresh.ts';
import { refusalAfter } from '../../support/refusal.ts';
import { CANARIES, REDIRECT_URI } from '../provider-answers.ts';
import { NONCE } from './kinds.ts';

const KEY = { tenant: 'org-1', user: 'user-1', provider: 'zoo' };
const dataKey = newDataKey();
const profile: ProviderProfile = {
  name: 'zoo',
  kind: 'oidc',
  flows: ['authorization_code'],
  catalogue: { integrations: { things: { read: ['a', 'b'] } } },
  stepwise: 'ask_for_all',
};
const POLICY: Policy = { providers: {} };
const clock = { now: () => 1_000_000, elapsed: () => performance.now(), sleep: async () => {} };

const orUnavailable = async <T>(work: Promise<T>): Promise<T | 'unavailable'> =>
  work.catch((thrown) => {
    if (thrown instanceof Unavailable) return 'unavailable';
    throw thrown;
  });

/** @returns what is stored afterwards, whether the lease was given back, and what was told */
export const refreshed = async (provider: Refresher) => {
  let version = 1;
  let connection: Connection = {
    generation: 'life',
    revision: 1,
    scopes: ['a', 'b'],
    account: 'account',
    attempt: 'first',
    connectedAt: 0,
    updatedAt: 0,
    sealed: { wrappedKey: dataKey, ciphertext: seal(dataKey, CANARIES.refreshToken, tokenPlace(KEY, 'life', 1)) },
  };
  const events: Event[] = [];
  const connections: ConnectionStore = {
    read: async () => ({ key: KEY, connection, version, readAt: 1_000_000 }),
    update: async (found, { lease, sealed, authorizeAgain, refusal, wrapped: _, ...rest }) => {
      if (found.version !== version) return 'conflict';
      const { lease: l, sealed: s, authorizeAgain: a, refusal: r, ...same } = connection;
      const held = lease === undefined ? l : lease && { attempt: lease.attempt, startedAt: 1_000_000 };
      const [kept, mark] = [sealed === undefined ? s : sealed, authorizeAgain === undefined ? a : authorizeAgain];
      connection = {
        ...same,
        ...rest,
        ...(held ? { lease: held } : {}),
        ...(kept ? { sealed: kept } : {}),
        ...(mark ? { authorizeAgain: mark } : {}),
        ...refusalAfter(r, refusal, 1_000_000),
      };
      return { version: ++version };
    },
  };
  const outcome = await orUnavailable(
    refresh(
      {
        connections,
        provider: { ...provider, rotation: 'strict' },
        keys: { unwrap: async () => dataKey },
        clock,
        observe: (event) => void events.push(event),
      },
      await connections.read(KEY).then((stored) => stored as NonNullable<typeof stored>),
      { scopes: ['a', 'b'] },
    ),
  );
  const { sealed, revision, lease } = connection;
  const token = sealed && open(dataKey, sealed.ciphertext, tokenPlace(KEY, 'life', revision));
  return { outcome, token, isLeaseBack: lease === undefined, told: JSON.stringify(events) };
};

const flow: Flow = {
  flowId: 'flow-1',
  provider: 'zoo',
  tenant: KEY.tenant,
  user: KEY.user,
  redirectUri: REDIRECT_URI,
  codeVerifier: CANARIES.codeVerifier,
  nonce: NONCE,
  scopes: ['a', 'b'],
  startedAt: 900_000,
};

/** @returns what is stored or was revoked afterwards, and what was told */
export const completed = async (provider: CodeExchanger, ends: RevocationEnds = 'token') => {
  const events: Event[] = [];
  const revoked: string[] = [];
  let written: NewConnection | undefined;
  const state = {
    purpose: 'connect' as const,
    flowId: flow.flowId,
    provider: 'zoo',
    expiresAt: 2_000,
    returnTo: 'https://front.example/',
    binding: bindingOf(flow),
  };
  const outcome: CompleteOutcome | 'unavailable' = await orUnavailable(
    complete(
      {
        profile,
        provider: {
          ...provider,
          ends,
          knowsAccounts: true,
          revoke: async (token) => {
            revoked.push(token);
            return 'revoked';
          },
        },
        store: {
          claimFlow: async () => true,
          store: async (_place, decide) => {
            const decided = decide({ policy: POLICY });
            written = decided.write;
            return decided;
          },
        },
        accounts: { hasOthers: async () => false },
        policies: { policy: async () => ({ policy: POLICY, readAt: 1_000_000 }) },
        keys: { wrap: async (key) => ({ wrappedKey: key }), unwrap: async (key) => key },
        tokens: {
          verifyState: async () => state,
          openFlow: async () => flow,
          openTicket: async () => ({ code: CANARIES.code, state: 'state', expiresAt: 2_000 }),
        },
        redirectUri: REDIRECT_URI,
        hashKey: newDataKey(),
        clock,
        observe: (event) => void events.push(event),
      },
      { identity: { ...KEY, roles: [] } as never, ticket: 'ticket', flow: 'flow' },
    ),
  );
  const { sealed, generation = '', revision = 1 } = written ?? {};
  const token = sealed && open(sealed.wrappedKey, sealed.ciphertext, tokenPlace(KEY, generation, revision));
  return { outcome, token, revoked, told: JSON.stringify(events) };
};
