/** The user's settings: the page of web/ with this product's session. */
import { browserOnly } from '../../../client/src/browser-only.ts';
import { createBroker } from '../../../client/src/index.ts';
import { showIntegrations } from '../../../web/integrations.ts';
import { byId } from './dom.ts';
import { host } from './host.ts';

const broker = createBroker({ ...host, returnTo: `${location.origin}/bridge.html`, flows: browserOnly });
await showIntegrations(byId('settings'), { ...host, broker });
