/** The provider's window, and the wait for what comes back. */
import { BrokerError, PopupBlockedError, PopupTimeoutError } from './errors.ts';
import { type Access, channelOf } from './returned.ts';
import { until } from './until.ts';

const LOOK_MS = 500;

export const isFramed = (): boolean => globalThis.parent !== globalThis.window;

/** Whether a page of another origin is around this one: it may be of another site. */
const isApart = (frame: Window): boolean => {
  try {
    return frame !== frame.parent && (frame.parent.origin !== origin || isApart(frame.parent));
  } catch {
    return true;
  }
};

export const framed = (): BrokerError => new BrokerError({ code: 'framed' });

/** No more than cookies can be had in this frame. */
let isCookiesOnly = false;

/**
 * To the channels of this page's own site, which a frame of another site has no part in. Chromium gives a handle; Safari
 * and Firefox give cookies only. There, whoever had access before asking is in a frame of the same site.
 */
const channelAccess = async (): Promise<Access | undefined> => {
  const ask = document.requestStorageAccess as (types: object) => Promise<Access | undefined>;
  try {
    const had = document.hasStorageAccess();
    const access = await ask.call(document, { BroadcastChannel: true });
    isCookiesOnly ||= !(await had);
    if (access?.BroadcastChannel || !isCookiesOnly) return access;
  } catch {
    // Refused, by the user or by a sandbox; or the browser does not know how to ask.
  }
  throw framed();
};

/**
 * In the click itself, empty: a window that is opened later, when its URL is known, is blocked (Safari at once). In a
 * frame of another origin the access to channels is asked for first, because opening a window uses the click up.
 */
export const openPopup = async (): Promise<readonly [popup: Window, access: Access | undefined]> => {
  const blocked = () => new PopupBlockedError({ code: 'popup_blocked' });
  const isInFrame = isFramed();
  // Outside a click neither a window nor access can be had.
  if (isInFrame && navigator.userActivation?.isActive === false) throw blocked();
  const access = isInFrame && isApart(window) ? await channelAccess() : undefined;
  const isClick = navigator.userActivation?.isActive;
  const popup = open('about:blank', '', 'popup,width=520,height=680');
  // In a click it is the frame that may open none: its sandbox, or the policy of the page around it.
  if (!popup) throw isInFrame && isClick ? framed() : blocked();
  return [popup, access];
};

export interface Waiting {
  readonly signal?: AbortSignal | undefined;
  readonly onPopupClosed?: (() => void) | undefined;
  readonly access?: Access | undefined;
}

/**
 * What the bridge page says on the flow's channel. No `window.opener` and no `postMessage`: the provider's
 * Cross-Origin-Opener-Policy parts the two windows, and then even `closed` is true of an open one.
 * @param seconds for which the flow is good
 */
export const resultFrom = (popup: Window, id: string, seconds: number, hooks: Waiting): Promise<string> => {
  const channel = channelOf(id, hooks.access);
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
