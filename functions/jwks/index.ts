import { kmsPublicKeys, lazyKms } from '../adapters/kms-signer.ts';
import { httpOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { systemClock } from '../core/clock.ts';
import { cachedKeys } from '../core/session-keys.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { needs } from './config.ts';
import { sessionKeysOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const [keyName = ''] = config.signingKeyVersion.split('/cryptoKeyVersions/');

export const jwks = serve(http, sessionKeysOperation(cachedKeys(kmsPublicKeys(lazyKms(config), keyName), systemClock)));
