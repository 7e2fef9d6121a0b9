/** Everything random of a campaign comes from one seed: it replays the plan; the timing of processes stays real. */

export interface Random {
  /** 0 <= x < 1. */
  next(): number;
  /** 0 <= n < `bound`. */
  below(bound: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
}

/** Marsaglia's xorshift32, whitened by a multiplication: plenty for choosing, and of no other use. */
export const createRandom = (seed: number): Random => {
  let state = (seed * 2_654_435_761 + 1_013_904_223) | 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (Math.imul(state, 0x9e3779b1) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  for (let warm = 0; warm < 8; warm++) next();
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('nothing to choose from');
      return item;
    },
    shuffle: (items) => {
      const left = [...items];
      return items.map(() => left.splice(below(left.length), 1)[0]).filter((item) => item !== undefined);
    },
  };
};
