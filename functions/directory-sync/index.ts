import { directorySource, SCOPES } from '../adapters/directory/source.ts';
import { createExchange } from '../adapters/exchange.ts';
import { firestoreDirectoryStore } from '../adapters/firestore/directory-store.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { delegatedToken } from '../adapters/google/delegation.ts';
import { createAccessTokens } from '../adapters/google-access-token.ts';
import { createHttpClient } from '../adapters/http-client.ts';
import { httpOf, outgoingOf, schedulerOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { systemClock } from '../core/clock.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { needs } from './config.ts';
import { directorySyncOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const outgoing = outgoingOf(config);
/** A page of 500 users is some 150 kB. */
const pages = createHttpClient({
  developmentOrigins: config.developmentOrigins,
  deadlineMs: 30_000,
  maxAnswerBytes: 4 * 1024 * 1024,
});
const { admin: endpoint, metadata, sign, token } = config.directoryEndpoints;
const own = createAccessTokens(createExchange(), metadata);

const sources = new Map(
  [...config.directoryOrganizations].map(([tenant, { administrator, customer }]) => {
    const delegation = { account: config.directoryAccount, administrator, scopes: SCOPES, endpoints: { sign, token } };
    const delegated = () => delegatedToken(delegation, outgoing, own.get);
    const source = (until: number, beat: () => Promise<void>) =>
      directorySource({ endpoint, customer, until }, { http: pages, clock: systemClock, token: delegated, beat });
    return [tenant, source] as const;
  }),
);

const directorySync = serve(
  http,
  directorySyncOperation(schedulerOf(config, outgoing), {
    store: firestoreDirectoryStore(openFirestore(config)),
    sources,
    allowance: { share: config.directoryShare / 100, floor: 10 },
    intervalMs: config.directoryInterval * 60_000,
    callMs: config.directoryCall * 1000,
    clock: systemClock,
    observe: http.observe,
  }),
);

export { directorySync as 'directory-sync' };
