/** The admin's settings: the page of web/ with this product's session. */
import { createAdmin } from '../../../client/src/admin.ts';
import { sourceNames } from '../../../client/src/search.ts';
import { showAdmin } from '../../../web/admin.ts';
import { byId } from './dom.ts';
import { host } from './host.ts';

await showAdmin(byId('settings'), { ...host, admin: createAdmin(host), searchSources: ['host', ...sourceNames] });
