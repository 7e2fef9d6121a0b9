import { firestoreAnswerTenants } from '../adapters/firestore/answer-documents.ts';
import { firestoreConnections } from '../adapters/firestore/connections.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { firestorePolicies } from '../adapters/firestore/policies.ts';
import { firestorePlaces, firestoreRemovals } from '../adapters/firestore/removals.ts';
import { serviceAccountTokens } from '../adapters/google-api.ts';
import { restKeys } from '../adapters/kms-rest.ts';
import { httpOf, outgoingOf, schedulerOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { profilesOf } from '../config/providers.ts';
import { systemClock } from '../core/clock.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { revokersOf } from '../providers/revocation.ts';
import { needs } from './config.ts';
import { sweepOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const outgoing = outgoingOf(config);
const firestore = openFirestore(config);
const { project, answersDatabase: databaseId } = config;

export const sweep = serve(
  http,
  sweepOperation(schedulerOf(config, outgoing), {
    store: { ...firestoreConnections(firestore), ...firestorePlaces(firestore) },
    removals: firestoreRemovals(firestore),
    // Never a cached one: see docs/decisions/0009-switching-to-browser-only.md.
    policies: firestorePolicies(firestore, config.defaultPolicy),
    profiles: profilesOf(config.providers),
    keys: restKeys(config, serviceAccountTokens()),
    revokers: revokersOf(config.providers, outgoing, process.env),
    clock: systemClock,
    observe: http.observe,
    ...(databaseId === undefined ? {} : { answers: firestoreAnswerTenants(openFirestore({ project, databaseId })) }),
  }),
);
