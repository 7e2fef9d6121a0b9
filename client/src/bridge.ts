/**
 * The page that the broker (or, in a browser-only flow, the provider) sends the browser back to. It hands what came back
 * to the page that asked, on a channel that only pages of this origin can be on, and never hands on a token that can be
 * read. Import it first: it takes the result out of the address bar and the history as it is loaded.
 */
import { seal } from './browser-only/seal.ts';
import { channelOf, wait, waitingFor } from './returned.ts';

/** How long the page that asked may take to answer. */
const PATIENCE_MS = 3_000;

const takeAddress = (): string[] => {
  const parts = [location.hash.slice(1), location.search.slice(1)];
  history.replaceState(null, '', location.pathname);
  return parts;
};

const parts = takeAddress();

/** What may be said on a channel. Throws where a token came that nobody asked for in this way. */
const speakable = async (result: string, id: string): Promise<string> => {
  const parameters = new URLSearchParams(result);
  if (!parameters.has('access_token') && !parameters.has('id_token')) return result;
  return `sealed=${await seal(result, parameters.get('state')?.split('.')[1] ?? '', id)}`;
};

/**
 * `returned`: the page that asked has it, and this window closes. `nobody`: no page asked, or it is gone; say that the
 * window may be closed. After `mode: 'redirect'` it goes to the page that asked.
 */
export const bridge = async (): Promise<'returned' | 'nobody'> => {
  for (const result of parts.splice(0)) {
    const parameters = new URLSearchParams(result);
    const id = parameters.get('flow_id') ?? parameters.get('state')?.split('.')[0];
    if (!id) continue;
    const waiting = waitingFor(id);
    if (waiting) {
      wait(id, { ...waiting, result });
      location.replace(waiting.page);
      return new Promise(() => {});
    }
    const message = await speakable(result, id).catch(() => undefined);
    if (message === undefined) break;
    const channel = channelOf(id);
    if (!channel) break;
    const heard = new Promise<boolean>((resolve) => {
      channel.onmessage = () => resolve(true);
      setTimeout(() => resolve(false), PATIENCE_MS);
    });
    channel.postMessage(message);
    const isHeard = await heard;
    channel.close();
    if (!isHeard) break;
    window.close();
    return 'returned';
  }
  return 'nobody';
};
