import { firestoreConnections } from '../adapters/firestore/connections.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { serviceAccountTokens } from '../adapters/google-api.ts';
import { restKeys } from '../adapters/kms-rest.ts';
import { httpOf, outgoingOf, sessionsOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { profilesOf } from '../config/providers.ts';
import { systemClock } from '../core/clock.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { revokersOf } from '../providers/revocation.ts';
import { needs } from './config.ts';
import { narrowOperation, revokeOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const outgoing = outgoingOf(config);

const dependencies = {
  store: firestoreConnections(openFirestore(config)),
  keys: restKeys(config, serviceAccountTokens()),
  revokers: revokersOf(config.providers, outgoing, process.env),
  clock: systemClock,
  observe: http.observe,
};
const sessions = sessionsOf(config, outgoing);
const profiles = profilesOf(config.providers);

export const revoke = serve(
  http,
  revokeOperation(sessions, dependencies, profiles),
  narrowOperation(sessions, dependencies, profiles),
);
