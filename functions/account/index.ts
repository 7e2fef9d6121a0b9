import { forgetAnswers } from '../adapters/firestore/answer-documents.ts';
import { firestoreTombstones } from '../adapters/firestore/completions.ts';
import { firestoreConnections } from '../adapters/firestore/connections.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { forgetUser } from '../adapters/firestore/users.ts';
import { serviceAccountTokens } from '../adapters/google-api.ts';
import { restKeys } from '../adapters/kms-rest.ts';
import { httpOf, outgoingOf, servicesOf, sessionsOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { profilesOf } from '../config/providers.ts';
import type { Owner } from '../core/identity.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { revokersOf } from '../providers/revocation.ts';
import { needs } from './config.ts';
import { deleteAccountOperation, deleteUserOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const outgoing = outgoingOf(config);
const { project, signInDatabase, answersDatabase } = config;
const firestore = openFirestore(config);
const open = (databaseId: string | undefined) =>
  databaseId === undefined ? undefined : openFirestore({ project, databaseId });
const people = open(signInDatabase);
const answers = open(answersDatabase);

const dependencies = {
  deletion: {
    store: firestoreConnections(firestore),
    tombstones: firestoreTombstones(firestore),
    keys: restKeys(config, serviceAccountTokens()),
    revokers: revokersOf(config.providers, outgoing, process.env),
    hashKey: config.accountHashKey,
    observe: http.observe,
  },
  profiles: profilesOf(config.providers),
  forgetSignIn: async (owner: Owner) => people && forgetUser(people, owner),
  forgetAnswers: async (owner: Owner) => answers && forgetAnswers(answers, owner),
};

export const account = serve(
  http,
  deleteAccountOperation(sessionsOf(config, outgoing), dependencies),
  deleteUserOperation(servicesOf(config, outgoing), dependencies),
);
