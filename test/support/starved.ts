/** Whether a machine is fit to be judged by time. */
import { availableParallelism, loadavg } from 'node:os';

/** The heaviest of these tests are a load of three or four for each core by themselves. */
const MOST = 8;

/** Says so where it is not: what is measured in milliseconds is then about the machine, and not about the broker. */
export const isStarved = (): boolean => {
  const [load = 0] = loadavg();
  const limit = MOST * availableParallelism();
  if (load > limit) process.stderr.write(`Load ${load.toFixed(0)} is over ${limit}: not all is judged by time.\n`);
  return load > limit;
};
