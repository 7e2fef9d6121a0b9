/** Time as the core sees it; injected, so that tests and the model own it. */
export interface Clock {
  /** Milliseconds since the epoch, this machine's opinion. Never compared with the database's. */
  now(): number;
  /** Milliseconds that only grow: for budgets and deadlines. */
  elapsed(): number;
  sleep(milliseconds: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Half to all of `milliseconds`: waiters do not move in step. */
export const jitter = (milliseconds: number): number => milliseconds * (0.5 + Math.random() / 2);
