import { createStateVerifier, createTicketSealer } from '../adapters/flow-tokens.ts';
import { httpOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { systemClock } from '../core/clock.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { needs } from './config.ts';
import { callbackOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);

export const callback = serve(
  http,
  callbackOperation({
    tokens: { ...createStateVerifier(config.statePublicKeys), ...createTicketSealer(config.completionPublicKeys) },
    returnUrls: config.returnUrls,
    clock: systemClock,
  }),
);
