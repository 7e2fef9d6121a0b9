import { firestoreRequests } from '../adapters/firestore/directory-store.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { httpOf, outgoingOf, sessionsOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { needs } from './config.ts';
import { directoryAdminOperations } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);

const directoryAdmin = serve(
  http,
  ...directoryAdminOperations(sessionsOf(config, outgoingOf(config)), {
    role: config.adminRole,
    requests: firestoreRequests(openFirestore(config)),
    organizations: config.directoryOrganizations,
  }),
);

export { directoryAdmin as 'directory-admin' };
