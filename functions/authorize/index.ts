import { firestoreConnections } from '../adapters/firestore/connections.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { firestorePolicies } from '../adapters/firestore/policies.ts';
import { createFlowSealer, createStateSigner } from '../adapters/flow-tokens.ts';
import { httpOf, outgoingOf, redirectUriOf, sessionsOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import type { AuthorizeDependencies } from '../core/authorize.ts';
import { systemClock } from '../core/clock.ts';
import { hardenFramework } from '../http/framework.ts';
import { serve } from '../http/operation.ts';
import { authorizationOf } from '../providers/authorization.ts';
import { needs } from './config.ts';
import { authorizeOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
hardenFramework(http.observe);
const outgoing = outgoingOf(config);
const firestore = openFirestore(config);

const providers = new Map<string, AuthorizeDependencies>();
for (const provider of config.providers.values()) {
  providers.set(provider.name, {
    profile: provider.profile,
    provider: await authorizationOf(provider, outgoing),
    connections: firestoreConnections(firestore),
    policies: firestorePolicies(firestore, config.defaultPolicy),
    tokens: { ...createStateSigner(config.stateSigningKeys), ...createFlowSealer(config.completionPublicKeys) },
    redirectUri: redirectUriOf(config.publicUrl, provider.name),
    returnUrls: config.returnUrls,
    clock: systemClock,
  });
}

export const authorize = serve(http, authorizeOperation(sessionsOf(config, outgoing), providers));
