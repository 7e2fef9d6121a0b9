/** A tab that has stopped (frozen, or its host's session never comes) holds the others up for so long at most. */
const PATIENCE_MS = 10_000;

/**
 * One at a time among all tabs of this origin. Without the Web Lock where the browser has none, denies it, or does not
 * give it in time: the broker takes callers at the same time too. `work` begins once.
 */
export const alone = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  let begun: Promise<T> | undefined;
  const once = () => {
    begun ??= work();
    return begun;
  };
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), PATIENCE_MS);
  const held = async () => {
    clearTimeout(timer);
    await once().catch(() => {});
  };
  try {
    await navigator.locks.request(name, { signal: waiting.signal }, held);
  } catch {
    // Not to be had.
  }
  clearTimeout(timer);
  return once();
};
