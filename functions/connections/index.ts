import { firestoreConnections } from '../adapters/firestore/connections.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { httpOf, outgoingOf, sessionsOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { profilesOf } from '../config/providers.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { needs } from './config.ts';
import { connectionsOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);

export const connections = serve(
  http,
  connectionsOperation(sessionsOf(config, outgoingOf(config)), {
    store: firestoreConnections(openFirestore(config)),
    profiles: profilesOf(config.providers),
  }),
);
