/** Calls with the same key that overlap share one run and its outcome. Nothing outlives the run. */
export const singleFlight = <T>(): ((key: string, run: () => Promise<T>) => Promise<T>) => {
  const running = new Map<string, Promise<T>>();
  return (key, run) => {
    const joined = running.get(key);
    if (joined) return joined;
    const started = run().finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
};
