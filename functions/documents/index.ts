import { firestoreAnswerDocuments } from '../adapters/firestore/answer-documents.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { openFirestoreRest } from '../adapters/firestore/rest/client.ts';
import { restPolicies } from '../adapters/firestore/rest/policies.ts';
import { serviceAccountTokens } from '../adapters/google-api.ts';
import { httpOf, outgoingOf, sessionsOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { needs } from './config.ts';
import { documentsOperations } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const { project, answersDatabase: databaseId } = config;

export const documents = serve(
  http,
  ...documentsOperations(sessionsOf(config, outgoingOf(config)), {
    policies: restPolicies(openFirestoreRest(config, serviceAccountTokens()), config.defaultPolicy),
    documents: firestoreAnswerDocuments(openFirestore({ project, databaseId })),
  }),
);
