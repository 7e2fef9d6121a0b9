/** What came back from a provider: in this page's address, or left in the session storage by the bridge page. */

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
export const channelOf = (id: string): BroadcastChannel | undefined => openChannel(FLOW + id);

/** `undefined` where the browser has no channels, or denies them to this page (Firefox, with blocked cookies). */
export const openChannel = (name: string): BroadcastChannel | undefined => {
  try {
    return new BroadcastChannel(name);
  } catch {
    return undefined;
  }
};

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
