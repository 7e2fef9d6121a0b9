import { firestoreDirectory } from '../adapters/firestore/directory-status.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { firestoreSessions } from '../adapters/firestore/sessions.ts';
import { kmsSigner, lazyKms } from '../adapters/kms-signer.ts';
import { directoryOf, httpOf, outgoingOf, servicesOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { systemClock } from '../core/clock.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { needs } from './config.ts';
import { sessionOperations } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const { project, organizations, adminRole } = config;

export const session = serve(
  http,
  ...sessionOperations({
    sessions: {
      store: firestoreSessions(openFirestore({ project, databaseId: config.signInDatabase })),
      directory: directoryOf(config, (databaseId) => firestoreDirectory(openFirestore({ project, databaseId }))),
      organizations,
      issuing: {
        signer: kmsSigner(lazyKms(config), config.signingKeyVersion),
        issuer: config.publicUrl,
        audience: config.sessionAudience,
        clock: systemClock,
      },
      adminRole,
      limits: config,
      clock: systemClock,
      observe: http.observe,
    },
    services: servicesOf(config, outgoingOf(config)),
    origins: config.allowedOrigins,
    cookie: config.sessionCookie,
  }),
);
