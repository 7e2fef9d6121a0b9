import { createExchange } from '../adapters/exchange.ts';
import { firestoreAnswerDocuments } from '../adapters/firestore/answer-documents.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { openFirestoreRest } from '../adapters/firestore/rest/client.ts';
import { restPolicies } from '../adapters/firestore/rest/policies.ts';
import { geminiModel } from '../adapters/gemini.ts';
import { createAccessTokens } from '../adapters/google-access-token.ts';
import { httpOf, outgoingOf, sessionsOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { needs } from './config.ts';
import { answerOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf({ ...config, userLimit: config.answersLimit });
prepareHost(http.observe);
const { project, answersDatabase, answersEndpoints } = config;
const tokens = createAccessTokens(createExchange(), answersEndpoints.metadata);

export const answers = serve(
  http,
  answerOperation(sessionsOf(config, outgoingOf(config)), {
    policies: restPolicies(openFirestoreRest(config, tokens), config.defaultPolicy),
    model: geminiModel({
      project,
      location: config.answersLocation,
      model: config.answersModel,
      ...(answersEndpoints.model === undefined ? {} : { endpoint: answersEndpoints.model }),
      tokens,
    }),
    documents: firestoreAnswerDocuments(openFirestore({ project, databaseId: answersDatabase })),
    observe: http.observe,
  }),
);
