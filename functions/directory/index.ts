import { firestoreDirectoryReader } from '../adapters/firestore/directory-reader.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { httpOf, outgoingOf, sessionsOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { needs } from './config.ts';
import { directoryOperations } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);

export const directory = serve(
  http,
  ...directoryOperations(sessionsOf(config, outgoingOf(config)), firestoreDirectoryReader(openFirestore(config))),
);
