/** One process from its start to its first answer: wall time, CPU time, memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/support/deployed.ts';

export interface FirstRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is text already. */
  readonly body?: unknown;
  /** What a real answer has. */
  readonly status: number;
}

export interface FirstAnswer {
  /** Milliseconds from the process's start to the answer's last byte. */
  readonly wall: number;
  /** Milliseconds of CPU of all its threads until then; absent where /proc does not tell. */
  readonly cpu?: number;
  /** MiB after the answer; absent where /proc does not tell. */
  readonly rss?: number;
}

/** On a connection of its own. Throws when there is no answer, whatever its status. */
export const ask = (port: number, { method, path, headers, body }: FirstRequest): Promise<[IncomingMessage, string]> =>
  new Promise((resolve, reject) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const more =
      text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
    const options = { host: '127.0.0.1', port, method, path, agent: false, headers: { ...headers, ...more } } as const;
    request(options, async (answer) => {
      let received = '';
      for await (const chunk of answer) received += chunk;
      resolve([answer, received]);
    })
      .on('error', reject)
      .end(text);
  });

/** Asks again, every millisecond, until somebody listens. */
const askFirst = async (port: number, first: FirstRequest, child: ChildProcess): Promise<[IncomingMessage, string]> => {
  for (;;) {
    try {
      return await ask(port, first);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED' || child.exitCode !== null) throw error;
      await sleep(1);
    }
  }
};

const proc = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};
const cpuOf = (pid: number): number | undefined =>
  proc(() => {
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'),
    );
    return threads.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0) / 1e6;
  });
const rssOf = (pid: number): number | undefined =>
  proc(() => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);

/** Throws with what the process printed when its answer is not a real one. */
export const firstAnswer = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  first: FirstRequest,
): Promise<FirstAnswer> => {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn(process.execPath, args, {
    env: { NODE_ENV: 'production', ...environment, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed += chunk;
    });
  }
  const ended = once(child, 'exit');
  try {
    const [answer, text] = await askFirst(port, first, child);
    const wall = performance.now() - begun;
    const cpu = cpuOf(child.pid ?? 0);
    const rss = rssOf(child.pid ?? 0);
    if (answer.statusCode !== first.status) {
      throw new Error(`${first.method} ${first.path} answered ${answer.statusCode}: ${text}\n${printed}`);
    }
    return { wall, ...(cpu === undefined ? {} : { cpu }), ...(rss === undefined ? {} : { rss }) };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${printed}`);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
};
