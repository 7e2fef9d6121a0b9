/**
 * The open-loop generator: requests are due by the clock, whatever came of the ones before. A thread of its own, so that
 * neither the database nor the providers, which are in the main one, make a request late. Bounded in rate, number and time.
 */
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

export interface Caller {
  /** Of the token operation. */
  readonly url: string;
  /** The session. */
  readonly token: string;
}

export interface Drive {
  readonly name: string;
  readonly seconds: number;
  /** Due by the clock. */
  readonly perSecond?: number;
  /**
   * A generator that has this many requests unanswered sends no more, and counts them as held back. Ten times what an
   * instance lets in: a queue in the broker would fill before.
   */
  readonly maxOutstanding?: number;
  /** Instead: that many callers, each of whom waits for the answer. */
  readonly concurrency?: number;
}

export interface Answered {
  /** 0: no answer. */
  readonly status: number;
  /** Milliseconds. */
  readonly took: number;
  readonly retryAfter: string | undefined;
  /** Of a problem. */
  readonly code: string | undefined;
}

export interface Driven {
  readonly answers: readonly Answered[];
  readonly heldBack: number;
  /** Most requests without an answer at one time. */
  readonly mostOutstanding: number;
}

const agent = new Agent({ keepAlive: true });

const ask = ({ url, token }: Caller): Promise<Answered> =>
  new Promise((resolve) => {
    const begun = performance.now();
    const end = (status: number, retryAfter?: string, code?: string) =>
      resolve({ status, took: performance.now() - begun, retryAfter, code });
    const sent = request(
      url,
      { method: 'POST', agent, headers: { authorization: `Bearer ${token}` }, timeout: 30_000 },
      (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => {
            text += chunk;
          })
          .on('end', () => end(response.statusCode ?? 0, response.headers['retry-after'], codeIn(text)))
          .on('error', () => end(0));
      },
    );
    // A kept connection that the broker has just closed, being idle: https://nodejs.org/api/http.html#requestreusedsocket
    const wasClosed = (error: NodeJS.ErrnoException) => sent.reusedSocket && error.code === 'ECONNRESET';
    sent
      .on('error', (error) => (wasClosed(error) ? resolve(ask({ url, token })) : end(0)))
      .on('timeout', () => sent.destroy());
    sent.end();
  });

/** Tokens have none; a whole parse of each would cost the generator its time. */
const codeIn = (text: string): string | undefined => /"code":"(\w+)"/.exec(text)?.[1];

/** `callers` is asked for each request: sessions are renewed meanwhile. */
const drive = async (
  callers: () => readonly Caller[],
  { seconds, perSecond, concurrency, maxOutstanding = 2_000 }: Drive,
): Promise<Driven> => {
  const answers: Answered[] = [];
  let [sent, outstanding, mostOutstanding, heldBack] = [0, 0, 0, 0];
  const one = async () => {
    const all = callers();
    const caller = all[sent++ % all.length];
    if (!caller) return;
    outstanding += 1;
    mostOutstanding = Math.max(mostOutstanding, outstanding);
    answers.push(await ask(caller));
    outstanding -= 1;
  };

  const begun = performance.now();
  const passed = () => (performance.now() - begun) / 1000;
  if (concurrency !== undefined) {
    const caller = async () => {
      while (passed() < seconds) await one();
    };
    await Promise.all(Array.from({ length: concurrency }, caller));
  } else {
    const pending = new Set<Promise<void>>();
    for (let due = 0; passed() < seconds; ) {
      for (const until = Math.floor(passed() * (perSecond ?? 1)); due < until; due++) {
        if (outstanding >= maxOutstanding) heldBack += 1;
        else {
          const asked = one().finally(() => pending.delete(asked));
          pending.add(asked);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(pending);
  }
  agent.destroy();
  return { answers, heldBack, mostOutstanding };
};

let { callers }: { callers: readonly Caller[] } = workerData;
const port = parentPort;
port?.on('message', (renewed: readonly Caller[]) => {
  callers = renewed;
});
port?.postMessage(await drive(() => callers, workerData.drive));
port?.close();
