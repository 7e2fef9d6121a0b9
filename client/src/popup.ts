/** The provider's window, and the wait for what comes back. */
import { BrokerError, PopupBlockedError, PopupTimeoutError } from './errors.ts';
import { channelOf } from './returned.ts';
import { until } from './until.ts';

const LOOK_MS = 500;

/** In the click itself, empty: a window that is opened later, when its URL is known, is blocked (Safari at once). */
export const openPopup = (): Window => {
  const popup = open('about:blank', '', 'popup,width=520,height=680');
  if (!popup) throw new PopupBlockedError({ code: 'popup_blocked' });
  return popup;
};

export interface Waiting {
  readonly signal?: AbortSignal | undefined;
  readonly onPopupClosed?: (() => void) | undefined;
}

/**
 * What the bridge page says on the flow's channel. No `window.opener` and no `postMessage`: the provider's
 * Cross-Origin-Opener-Policy parts the two windows, and then even `closed` is true of an open one.
 * @param seconds for which the flow is good
 */
export const resultFrom = (popup: Window, id: string, seconds: number, hooks: Waiting): Promise<string> => {
  const channel = channelOf(id);
  if (!channel) return Promise.reject(new BrokerError({ code: 'storage_denied' }));
  let timers: ReturnType<typeof setTimeout>[] = [];
  const result = new Promise<string>((resolve, reject) => {
    channel.onmessage = ({ data }) => {
      // The bridge page may close now.
      channel.postMessage('');
      resolve(data);
    };
    const look = setInterval(() => {
      if (!popup.closed || !document.hasFocus()) return;
      clearInterval(look);
      hooks.onPopupClosed?.();
    }, LOOK_MS);
    timers = [look, setTimeout(() => reject(new PopupTimeoutError({ code: 'popup_timeout' })), seconds * 1000)];
  });
  return until(result, hooks.signal).finally(() => {
    // Either kind of timer is cleared so.
    timers.forEach(clearTimeout);
    channel.close();
  });
};
