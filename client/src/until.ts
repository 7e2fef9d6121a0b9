/** What `promise` gives, unless `signal` is aborted first: then its reason is thrown, and `promise` goes on for others. */
export const until = <T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject);
  });
