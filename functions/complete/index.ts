import { firestoreCompletions } from '../adapters/firestore/completions.ts';
import { firestoreConnections } from '../adapters/firestore/connections.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { firestorePolicies } from '../adapters/firestore/policies.ts';
import { createFlowOpener, createStateVerifier } from '../adapters/flow-tokens.ts';
import { lazyKeys } from '../adapters/lazy-keys.ts';
import { httpOf, outgoingOf, redirectUriOf, sessionsOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { systemClock } from '../core/clock.ts';
import type { CompleteDependencies } from '../core/complete.ts';
import { toldOncePerOrganization } from '../core/refusals.ts';
import { prepareHost } from '../http/host.ts';
import { refuseToStart } from '../http/lifecycle.ts';
import { serve } from '../http/operation.ts';
import { tokensOf } from '../providers/tokens.ts';
import { needs } from './config.ts';
import { completeOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const outgoing = outgoingOf(config);
const firestore = openFirestore(config);
const keys = lazyKeys(async () => {
  const { kmsKeys, openKms } = await import('../adapters/kms-client.ts');
  return kmsKeys(await openKms(config), config.kmsKey);
});

const observe = toldOncePerOrganization(http.observe);
const providers = new Map<string, CompleteDependencies>();
for (const provider of config.providers.values()) {
  providers.set(provider.name, {
    profile: provider.profile,
    provider: tokensOf(provider, outgoing, process.env, refuseToStart(http.observe)),
    accounts: firestoreConnections(firestore),
    store: firestoreCompletions(firestore, config.defaultPolicy),
    policies: firestorePolicies(firestore, config.defaultPolicy),
    keys,
    tokens: { ...createStateVerifier(config.statePublicKeys), ...createFlowOpener(config.completionPrivateKeys) },
    redirectUri: redirectUriOf(config.publicUrl, provider.name),
    hashKey: config.accountHashKey,
    clock: systemClock,
    observe,
  });
}

export const complete = serve(http, completeOperation(sessionsOf(config, outgoing), providers));
