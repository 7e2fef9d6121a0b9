/** The browser SDK's bridge page: the provider's redirect ends here. */
import { bridge } from '../../../client/src/bridge.ts';
import { byId } from './dom.ts';

byId('text').textContent =
  (await bridge()) === 'returned'
    ? 'Done. You can close this window.'
    : 'No page is waiting for this any more. Close this window, and try again.';
