import { openFirestoreRest } from '../adapters/firestore/rest/client.ts';
import { restConnections } from '../adapters/firestore/rest/connections.ts';
import { restPolicies } from '../adapters/firestore/rest/policies.ts';
import { serviceAccountTokens } from '../adapters/google-api.ts';
import { restKeys } from '../adapters/kms-rest.ts';
import { httpOf, outgoingOf, sessionsOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { systemClock } from '../core/clock.ts';
import { cachedPolicies } from '../core/policy-cache.ts';
import { type TokenService, tokenService } from '../core/token.ts';
import { prepareHost } from '../http/host.ts';
import { refuseToStart } from '../http/lifecycle.ts';
import { serve } from '../http/operation.ts';
import { tokensOf } from '../providers/tokens.ts';
import { needs } from './config.ts';
import { tokenOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const outgoing = outgoingOf(config);
const tokens = serviceAccountTokens();
const firestore = openFirestoreRest(config, tokens);
const keys = restKeys(config, tokens);
const policies = cachedPolicies(restPolicies(firestore, config.defaultPolicy), systemClock);

const providers = new Map<string, TokenService>();
for (const provider of config.providers.values()) {
  const service = tokenService({
    profile: provider.profile,
    provider: tokensOf(provider, outgoing, process.env, refuseToStart(http.observe)),
    connections: restConnections(firestore),
    policies,
    keys,
    clock: systemClock,
    observe: http.observe,
  });
  providers.set(provider.name, service);
}

export const token = serve(http, tokenOperation(sessionsOf(config, outgoing), providers));
