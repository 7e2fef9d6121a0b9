import { openFirestoreRest } from '../adapters/firestore/rest/client.ts';
import { restConnections } from '../adapters/firestore/rest/connections.ts';
import { restPolicies } from '../adapters/firestore/rest/policies.ts';
import { createFlowSealer, createStateSigner } from '../adapters/flow-tokens.ts';
import { serviceAccountTokens } from '../adapters/google-api.ts';
import { httpOf, outgoingOf, redirectUriOf, sessionsOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import type { AuthorizeDependencies } from '../core/authorize.ts';
import { systemClock } from '../core/clock.ts';
import { prepareHost } from '../http/host.ts';
import { refuseToStart } from '../http/lifecycle.ts';
import { serve } from '../http/operation.ts';
import { authorizationOf } from '../providers/authorization.ts';
import { needs } from './config.ts';
import { authorizeOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const outgoing = outgoingOf(config);
const firestore = openFirestoreRest(config, serviceAccountTokens());

const providers = new Map<string, AuthorizeDependencies>();
for (const provider of config.providers.values()) {
  providers.set(provider.name, {
    profile: provider.profile,
    provider: authorizationOf(provider, outgoing, refuseToStart(http.observe)),
    connections: restConnections(firestore),
    policies: restPolicies(firestore, config.defaultPolicy),
    tokens: { ...createStateSigner(config.stateSigningKeys), ...createFlowSealer(config.completionPublicKeys) },
    redirectUri: redirectUriOf(config.publicUrl, provider.name),
    returnUrls: config.returnUrls,
    clock: systemClock,
  });
}

export const authorize = serve(http, authorizeOperation(sessionsOf(config, outgoing), providers));
