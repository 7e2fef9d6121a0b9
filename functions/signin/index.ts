import { firestoreFlows } from '../adapters/firestore/completions.ts';
import { firestoreDirectory } from '../adapters/firestore/directory-status.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { firestoreSessions } from '../adapters/firestore/sessions.ts';
import { firestoreUsers } from '../adapters/firestore/users.ts';
import { createSignInTokens } from '../adapters/flow-tokens.ts';
import { directoryOf, httpOf, outgoingOf, signInRedirectUriOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { systemClock } from '../core/clock.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { signInProvidersOf } from '../providers/sign-in.ts';
import { needs } from './config.ts';
import { signInOperations } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const { project, organizations, publicUrl, sessionCookie } = config;
const firestore = openFirestore({ project, databaseId: config.signInDatabase });

export const signin = serve(
  http,
  ...signInOperations({
    providers: signInProvidersOf(config.providers, outgoingOf(config), process.env),
    tokens: createSignInTokens(config.signInKeys),
    redirectUriOf: (provider) => signInRedirectUriOf(publicUrl, provider),
    returnUrls: config.returnUrls,
    ...(sessionCookie === undefined ? {} : { cookieOrigin: publicUrl }),
    organizations,
    flows: firestoreFlows(firestore),
    users: firestoreUsers(firestore),
    sessions: firestoreSessions(firestore),
    directory: directoryOf(config, (databaseId) => firestoreDirectory(openFirestore({ project, databaseId }))),
    limits: config,
    clock: systemClock,
    observe: http.observe,
  }),
);
