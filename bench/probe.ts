/**
 * Loaded into every server before its own code, as a script (built.ts): keeps it on loopback, says which port it got,
 * and what it has used. The server itself needs to know nothing of being measured.
 */
import { type AddressInfo, Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { answerParent } from './answer.js';

export interface Usage {
  /** Milliseconds of CPU since the start, all threads. */
  readonly cpu: number;
  /** Resident memory in bytes. */
  readonly rss: number;
}

const { listen } = Server.prototype;
const port = new Promise<number>((resolve) => {
  Server.prototype.listen = function (this: Server, first: unknown, ...rest: unknown[]) {
    this.once('listening', () => resolve((this.address() as AddressInfo).port));
    const callbacks = rest.filter((each) => typeof each === 'function');
    return Reflect.apply(listen, this, [Number(first), '127.0.0.1', ...callbacks]);
  };
});

/**
 * Megabytes still in use after collecting: resident memory grows while the collector has no reason to hurry. Twice,
 * because what the first collection finalizes is free only after it.
 */
const held = async (): Promise<number> => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  collect();
  await sleep(200);
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
};

answerParent({
  port: () => port,
  held,
  usage: (): Usage => {
    const { user, system } = process.cpuUsage();
    return { cpu: (user + system) / 1000, rss: process.memoryUsage.rss() };
  },
});
