import { openFirestoreRest } from '../adapters/firestore/rest/client.ts';
import { restPolicies } from '../adapters/firestore/rest/policies.ts';
import { serviceAccountTokens } from '../adapters/google-api.ts';
import { httpOf, outgoingOf, sessionsOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { clientsOf } from '../providers/clients.ts';
import { needs } from './config.ts';
import { configOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const outgoing = outgoingOf(config);

export const offer = serve(
  http,
  configOperation(sessionsOf(config, outgoing), {
    policies: restPolicies(openFirestoreRest(config, serviceAccountTokens()), config.defaultPolicy),
    providers: [...config.providers.values()].map((provider) => ({
      profile: provider.profile,
      clients: clientsOf(provider, outgoing),
    })),
    observe: http.observe,
  }),
);
