import { firestoreConnections } from '../adapters/firestore/connections.ts';
import { openFirestore } from '../adapters/firestore/open.ts';
import { firestoreRewraps } from '../adapters/firestore/rewraps.ts';
import { lazyKeys } from '../adapters/lazy-keys.ts';
import { httpOf, outgoingOf, schedulerOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { systemClock } from '../core/clock.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { needs } from './config.ts';
import { rewrapOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const firestore = openFirestore(config);

export const rewrap = serve(
  http,
  rewrapOperation(schedulerOf(config, outgoingOf(config)), {
    store: { ...firestoreConnections(firestore), ...firestoreRewraps(firestore) },
    keys: lazyKeys(async () => {
      const { kmsKeys, openKms } = await import('../adapters/kms-client.ts');
      return kmsKeys(await openKms(config), config.kmsKey);
    }),
    clock: systemClock,
    observe: http.observe,
  }),
);
