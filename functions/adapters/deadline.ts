import { Unavailable, type Upstream } from '../core/errors.ts';

/**
 * The official clients repeat calls by themselves for much longer than a user waits. Whether a call that is given up here
 * takes effect later is unknown: what it writes must be conditional.
 */
export const within = async <T>(milliseconds: number, upstream: Upstream, run: () => Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unavailable(upstream, 'timeout', { applied: 'unknown' })), milliseconds);
  });
  try {
    return await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
};
