/** In the place of functions/core/clock.ts: a machine whose clocks are off, and may jump as after a freeze. */
import { type Clock, systemClock as real } from '../../../functions/core/clock.ts';
import { CLOCK_VARIABLE } from '../protocol.ts';

export * from '../../../functions/core/clock.ts';

let offset = Number(process.env[CLOCK_VARIABLE] ?? 0);

export const jump = (milliseconds: number): void => {
  offset += milliseconds;
};

export const systemClock: Clock = {
  ...real,
  now: () => real.now() + offset,
  elapsed: () => real.elapsed() + offset,
};
