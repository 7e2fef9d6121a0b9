/** A Keycloak process on loopback, in a folder of its own that goes with it. Its database is in memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../ports.ts';
import { type Admin, createAdmin } from './admin.ts';
import { type Distribution, unpack } from './distribution.ts';

export interface Keycloak {
  readonly origin: string;
  readonly admin: Admin;
  /** Of its last lines, for a failure. */
  output(): string;
  stop(): Promise<void>;
}

const START_MS = 180_000;
const STOP_MS = 10_000;
const KEPT_LINES = 40;

export const startKeycloak = async (distribution: Distribution): Promise<Keycloak> => {
  const folder = mkdtempSync(join(tmpdir(), 'keycloak-'));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const home = unpack(distribution, folder);
    const port = await freePort();
    const { PATH = '', JAVA_HOME } = process.env;
    // The shell script becomes the server (exec): ending this process ends it. Of a group of its own, for what it starts first.
    const child = spawn(
      join(home, 'bin/kc.sh'),
      ['start-dev', '--db=dev-mem', '--http-host=127.0.0.1', `--http-port=${port}`, '--cache=local'],
      {
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH,
          HOME: folder,
          ...(JAVA_HOME ? { JAVA_HOME } : {}),
          JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx512m',
          KC_BOOTSTRAP_ADMIN_USERNAME: 'admin',
          KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin',
        },
      },
    );
    let lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        lines = [...lines, ...text.split('\n')].slice(-KEPT_LINES);
      });
    }
    const exited = once(child, 'exit');
    const signal = (name: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // It has ended meanwhile.
      }
    };
    const killed = () => signal('SIGKILL');
    process.once('exit', killed);
    const stop = async () => {
      process.removeListener('exit', killed);
      signal('SIGTERM');
      const timer = setTimeout(killed, STOP_MS);
      if (child.exitCode === null && child.signalCode === null) await exited;
      clearTimeout(timer);
      killed();
      remove();
    };
    const origin = `http://127.0.0.1:${port}`;
    const until = performance.now() + START_MS;
    for (;;) {
      const answers = await fetch(`${origin}/realms/master`).then(
        ({ status }) => status === 200,
        () => false,
      );
      if (answers) return { origin, admin: createAdmin(origin), output: () => lines.join('\n'), stop };
      const ended = child.exitCode !== null || child.signalCode !== null;
      if (ended || performance.now() > until) {
        await stop();
        throw new Error(`Keycloak did not start:\n${lines.join('\n')}`);
      }
      await sleep(500);
    }
  } catch (error) {
    remove();
    throw error;
  }
};
