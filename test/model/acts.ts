/** What the models' actors do, by the real core. */
import { type CompleteOutcome, complete } from '../../functions/core/complete.ts';
import { bindingOf, type Flow, randomId } from '../../functions/core/flow.ts';
import { KEY, type Ports, type World } from './world.ts';

export const HASH_KEY = new Uint8Array(32);
export const IDENTITY = { tenant: KEY.tenant, user: KEY.user, roles: [] };
export const profile = {
  name: KEY.provider,
  kind: 'oidc',
  flows: ['authorization_code', 'browser_code'],
  catalogue: { integrations: { notes: { read: ['read'] } } },
  stepwise: 'ask_for_all',
} as const;
export const observe = () => {};

/** A flow that is begun now, and finished by the real `complete`. */
export const connect = async (
  ports: Ports,
  world: World,
  begun: (flow: Flow) => void = () => {},
): Promise<CompleteOutcome['kind']> => {
  const flow: Flow = {
    ...KEY,
    flowId: randomId(),
    redirectUri: 'redirect',
    codeVerifier: 'verifier',
    nonce: 'nonce',
    scopes: ['read'],
    startedAt: world.time,
  };
  begun(flow);
  const expiresAt = Number.MAX_SAFE_INTEGER;
  const state = {
    purpose: 'connect',
    flowId: flow.flowId,
    provider: KEY.provider,
    expiresAt,
    returnTo: '',
    binding: bindingOf(flow),
  } as const;
  // The user at the provider: whatever else happens may happen meanwhile.
  await ports.clock.sleep(0);
  const { kind } = await complete(
    {
      profile,
      provider: ports.provider,
      store: ports.completions,
      accounts: ports.connections,
      policies: ports.policies,
      keys: ports.keys,
      tokens: {
        openFlow: async () => flow,
        openTicket: async () => ({ code: 'code', state: 'state', expiresAt }),
        verifyState: async () => state,
      },
      redirectUri: flow.redirectUri,
      hashKey: HASH_KEY,
      clock: ports.clock,
      observe,
    },
    { identity: IDENTITY, ticket: 'ticket', flow: 'flow' },
  );
  return kind;
};
