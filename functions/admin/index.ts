import { openFirestore } from '../adapters/firestore/open.ts';
import { firestorePolicyStore } from '../adapters/firestore/policies.ts';
import { firestorePlaces, firestoreRemovals } from '../adapters/firestore/removals.ts';
import { httpOf, outgoingOf, sessionsOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { profilesOf } from '../config/providers.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { adminConsentOf } from '../providers/admin-consent.ts';
import { needs } from './config.ts';
import { adminOperations } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const firestore = openFirestore(config);

export const admin = serve(
  http,
  ...adminOperations(sessionsOf(config, outgoingOf(config)), {
    role: config.adminRole,
    profiles: profilesOf(config.providers),
    policies: firestorePolicyStore(firestore, config.defaultPolicy),
    places: firestorePlaces(firestore),
    removals: firestoreRemovals(firestore),
    observe: http.observe,
    adminConsent: (provider, policy) => adminConsentOf(config.providers.get(provider), policy),
  }),
);
