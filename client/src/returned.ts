/** What came back from a provider: in this page's address, or left in the session storage by the bridge page. */
import { BrokerError } from './errors.ts';
import { keys, read, remove, write } from './storage.ts';

/** Where a flow waits while its own page is away (`mode: 'redirect'`); the flow's id follows. */
const FLOW = 'token-broker:flow:';

export interface WaitingFlow {
  readonly provider: string;
  readonly flow: string;
  /** The page to be at in the end. */
  readonly page: string;
  /** Parameters; from the bridge. */
  readonly result?: string;
}

/** @returns whether it outlives this page */
export const wait = (id: string, waiting: WaitingFlow): boolean => write(FLOW + id, waiting);

export const waitingFor = (id: string): WaitingFlow | undefined => read(FLOW + id);

const ids = () => keys().flatMap((key) => (key.startsWith(FLOW) ? key.slice(FLOW.length) : []));
const forgetFlow = (id: string) => remove(FLOW + id);
export const forgetFlows = (): void => ids().forEach(forgetFlow);

/** One flow, one channel: only pages of this origin can be on it, and of them only those that know the flow's id. */
export const channelOf = (id: string, access?: Access): BroadcastChannel | undefined => openChannel(FLOW + id, access);

/** What Chromium gives to a frame of another site: the channels of this page's own site (a StorageAccessHandle). */
export interface Access {
  BroadcastChannel?(name: string): BroadcastChannel;
}

/** `undefined` where the browser has no channels, or denies them to this page (Firefox, with blocked cookies). */
export const openChannel = (name: string, access?: Access): BroadcastChannel | undefined => {
  try {
    return access?.BroadcastChannel?.(name) ?? new BroadcastChannel(name);
  } catch {
    return undefined;
  }
};

/** For a browser that does not leave: the address was not one, or the user stopped it. */
const LEAVING_MS = 30_000;

/**
 * Leaves for the provider. Rejects where the browser shows this page again as it was (Back), or still. The flow is kept, for
 * the user may go forward and finish it.
 */
export const leaveFor = (url: string): Promise<never> =>
  new Promise((_, reject) => {
    const stay = () => reject(new BrokerError({ code: 'still_here' }));
    addEventListener('pageshow', ({ persisted }) => persisted && stay());
    setTimeout(stay, LEAVING_MS);
    location.assign(url);
  });

/**
 * The result for a flow that waits in this tab; `waiting` is `undefined` where it was begun elsewhere. Each is answered once.
 * The broker's fragment leaves address bar and history before anything else happens.
 */
export const takeResult = (): { readonly waiting: WaitingFlow | undefined; readonly result: string } | undefined => {
  const fragment = location.hash.slice(1);
  const returned = new URLSearchParams(fragment).get('flow_id');
  if (returned) history.replaceState(history.state, '', location.pathname + location.search);
  const id = returned ?? ids().find((each) => waitingFor(each)?.result);
  if (!id) return undefined;
  const waiting = waitingFor(id);
  forgetFlow(id);
  return { waiting, result: returned ? fragment : (waiting?.result ?? '') };
};
