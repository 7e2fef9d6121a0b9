/** The browser SDK's bridge page: the provider's redirect ends here. */
import { bridge } from '../../../client/src/bridge.ts';
import { byId } from './dom.ts';

const isReturned = (await bridge()) === 'returned';
byId('text').textContent = isReturned
  ? 'Done. You can close this window.'
  : 'No page is waiting for this any more. Close this window, or go on in it: open the product, and connect again there.';
byId('on').hidden = false;
