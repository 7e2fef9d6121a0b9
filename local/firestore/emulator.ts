/** The official Firestore emulator, where a Google Cloud SDK with it is installed. It needs Java. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Listening } from '../serve.ts';

const LAUNCHER = 'platform/cloud-firestore-emulator/cloud_firestore_emulator';
const START_SECONDS = 30;
const REACH_MILLISECONDS = 3_000;

const usualRoots = [
  '/usr/lib/google-cloud-sdk',
  '/usr/share/google-cloud-sdk',
  '/usr/local/share/google-cloud-sdk',
  '/opt/google-cloud-sdk',
  '/opt/homebrew/share/google-cloud-sdk',
  '/snap/google-cloud-cli/current',
  join(homedir(), 'google-cloud-sdk'),
];

const output = (command: string, ...args: string[]): string | undefined => {
  try {
    return execFileSync(command, args, { encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
};

/** @returns the path of the emulator's launcher; undefined where the emulator or Java is missing */
export const findEmulator = (): string | undefined => {
  const launcherIn = (root: string) => [join(root, LAUNCHER)].find((path) => existsSync(path));
  const asked = () => output('gcloud', 'info', '--format=value(installation.sdk_root)')?.trim();
  const launcher = usualRoots.map(launcherIn).find((path) => path !== undefined) ?? launcherIn(asked() || '/');
  return output('java', '-version') === undefined ? undefined : launcher;
};

/** @param address `host:port`. @returns whether anything there takes a connection within a few seconds */
export const isReachable = async (address: string): Promise<boolean> => {
  if (!URL.canParse(`http://${address}`)) return false;
  const { hostname, port } = new URL(`http://${address}`);
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(REACH_MILLISECONDS) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** The emulator does not say which port it took when it was given port 0. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/**
 * Starts it on a free port of 127.0.0.1. It ends with `stop()` or with this process, however that ends: its process
 * group is led by a shell that kills the group as soon as its standard input, held by this process, is closed, or the emulator ends.
 */
export const startEmulator = async (): Promise<Listening> => {
  const launcher = findEmulator();
  if (!launcher) throw new Error('The Firestore emulator, or Java, is not installed.');
  const port = await freePort();
  const script = '("$0" start --host=127.0.0.1 --port="$1"; kill -KILL 0) 2>&1 & cat >/dev/null; kill -KILL 0';
  const group = spawn('/bin/sh', ['-c', script, launcher, `${port}`], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => group.once('exit', () => resolve()));
  group.stdin.on('error', () => {}); // The group may be gone already.
  const stop = async () => {
    group.stdin.end();
    await ended;
  };
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error('The Firestore emulator did not start.')), START_SECONDS * 1000);
      let log = '';
      group.stdout.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        if (log.includes('is now running')) resolve();
      });
      ended.then(() => reject(new Error('The Firestore emulator ended at its start.')));
    });
    group.stdout.removeAllListeners('data').resume();
    return { address: `127.0.0.1:${port}`, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
};
