/** Child processes: on a core of their own where the system can do that, asked over IPC, gone when the bench is. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Ask, askChild } from './ipc.ts';

export interface Running {
  readonly ask: Ask;
  stop(): Promise<void>;
}

/** The cores this process may use, as the system numbers them; empty where it does not tell. */
const allowedCores = (): number[] => {
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' });
    const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    return list.split(',').flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
  } catch {
    return [];
  }
};

const [serverCore, ...otherCores] = allowedCores();

/** Whether the server that is measured has a core to itself. */
export const isPinned = serverCore !== undefined && otherCores.length > 0;

const onCores = (role: 'server' | 'rest', command: string[]): string[] =>
  isPinned ? ['taskset', '-c', role === 'server' ? String(serverCore) : otherCores.join(','), ...command] : command;

const PRINTED_AT_MOST = 4_000;

/**
 * @param role a server that is measured, or what stands around it
 * @param args for `node`
 */
export const run = (
  role: 'server' | 'rest',
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Running => {
  const { PATH = '', TMPDIR } = process.env;
  const [command = '', ...rest] = onCores(role, [process.execPath, '--no-warnings', ...args]);
  const child = spawn(command, rest, {
    // Nothing of the developer's own environment reaches what is measured.
    env: { PATH, NODE_ENV: 'production', ...(TMPDIR ? { TMPDIR } : {}), ...env },
    // What a server logs costs it what it costs in production: it is written, and read by nobody.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let printed = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(-PRINTED_AT_MOST);
  });
  const exited = once(child, 'exit');
  return {
    ask: askChild(child, () => printed),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await exited;
    },
  };
};
