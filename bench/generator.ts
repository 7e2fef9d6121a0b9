/**
 * Who calls: a process of its own, kept connections, never two calls of one user at a time (servers share those). A call
 * counts when it brought an access token that this user has not had before.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { answerParent } from './answer.js';
import { accessTokenIn } from './provider.ts';

/** One user's request. Cookies that come back are sent from then on. */
export interface Caller {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Target {
  readonly name: string;
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly callers: readonly Caller[];
  /** Whether an answer has to bring a token. */
  readonly tokens: boolean;
}

export interface Plan {
  readonly target: string;
  readonly seconds: number;
  /** Callers who wait for their answers (a closed loop), or calls that are due by the clock (an open one). */
  readonly load: { readonly callers: number } | { readonly perSecond: number };
  /** Only the first so many users. */
  readonly users?: number;
  /** Ends earlier, after so many calls. */
  readonly calls?: number;
}

export interface Outcome {
  readonly calls: number;
  readonly seconds: number;
  /** Milliseconds of each good call: from its sending, in an open loop from when it was due. */
  readonly latencies: readonly number[];
  /** What was not good, and how often. */
  readonly bad: Readonly<Record<string, number>>;
  /** Calls of an open loop that were due, and could not even be sent late. */
  readonly heldBack: number;
}

/** More are not sent, whatever is due: a generator that drowns measures itself. */
const UNANSWERED_AT_MOST = 256;
const DEADLINE_MS = 15_000;

interface User extends Caller {
  readonly cookies: Map<string, string>;
  busy: boolean;
  last: string;
}

const open = ({ name, url, method, callers, tokens }: Target) => {
  const isTls = url.startsWith('https:');
  const agent = new (isTls ? HttpsAgent : HttpAgent)({ keepAlive: true });
  const send = isTls ? httpsRequest : httpRequest;
  const { hostname, port, pathname: path } = new URL(url);
  const users = callers.map((caller): User => {
    const cookies = new Map<string, string>();
    keep(cookies, caller.headers.cookie?.split('; ') ?? []);
    return { ...caller, cookies, busy: false, last: '' };
  });
  let next = 0;

  /** What was wrong; empty: nothing. */
  const judge = (user: User, status: number | undefined, text: string): string => {
    if (status !== 200) return `${status} ${text.slice(0, 200)}`;
    if (!tokens) return '';
    const token = accessTokenIn(text);
    const isNew = token !== '' && token !== user.last;
    user.last = token;
    return isNew ? '' : 'no new access token';
  };

  const call = (user: User): Promise<string> =>
    new Promise((resolve) => {
      const { body = '' } = user;
      const headers = {
        ...user.headers,
        ...(user.cookies.size > 0 ? { cookie: [...user.cookies].map((pair) => pair.join('=')).join('; ') } : {}),
        ...(method === 'POST' ? { 'content-length': Buffer.byteLength(body) } : {}),
      };
      const answered = (answer: IncomingMessage) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => {
          keep(user.cookies, answer.headers['set-cookie'] ?? []);
          resolve(judge(user, answer.statusCode, text));
        });
      };
      const sent = send({ agent, hostname, port, path, method, headers, timeout: DEADLINE_MS }, answered);
      sent.on('error', (error: NodeJS.ErrnoException) => resolve(`${name}: ${error.code}`));
      sent.on('timeout', () => sent.destroy()).end(body);
    });

  const idle = (count: number): User | undefined => {
    for (let tried = 0; tried < count; tried++) {
      const user = users[next++ % count];
      if (user && !user.busy) return user;
    }
    return undefined;
  };

  const run = async ({
    seconds,
    load,
    users: count = users.length,
    calls = Number.POSITIVE_INFINITY,
  }: Omit<Plan, 'target'>): Promise<Outcome> => {
    const latencies: number[] = [];
    const bad: Record<string, number> = {};
    const note = (what: string) => {
      bad[what] = (bad[what] ?? 0) + 1;
    };
    let sent = 0;
    let heldBack = 0;
    const one = async (user: User, from = performance.now()) => {
      sent += 1;
      user.busy = true;
      const wrong = await call(user);
      if (wrong === '') latencies.push(performance.now() - from);
      else note(wrong);
      user.busy = false;
    };
    const begun = performance.now();
    const elapsed = () => (performance.now() - begun) / 1000;
    if ('callers' in load) {
      const caller = async () => {
        while (elapsed() < seconds && sent < calls) {
          const user = idle(count);
          if (!user) throw new Error('more callers than users');
          await one(user);
        }
      };
      await Promise.all(Array.from({ length: load.callers }, caller));
    } else {
      const pending = new Set<Promise<void>>();
      const all = Math.floor(seconds * load.perSecond);
      let due = 0;
      // A call that cannot be sent when it is due is sent later, and its wait counts: without it, a server that stands
      // still would be asked less, and look faster.
      while (due < all && elapsed() < seconds + DEADLINE_MS / 1000) {
        const until = Math.min(all, Math.floor(elapsed() * load.perSecond) + 1);
        while (due < until && pending.size < UNANSWERED_AT_MOST) {
          const user = idle(count);
          if (!user) break;
          const asked = one(user, begun + (due * 1000) / load.perSecond).finally(() => pending.delete(asked));
          pending.add(asked);
          due += 1;
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      heldBack = all - due;
      await Promise.all(pending);
    }
    return { calls: latencies.length, seconds: elapsed(), latencies, bad, heldBack };
  };

  /** The same user, all at once. @returns how many were answered with a token */
  const race = async ({ user: index, times }: { readonly user: number; readonly times: number }): Promise<number> => {
    const user = users[index];
    if (!user) throw new Error('no such user');
    const wrong = await Promise.all(Array.from({ length: times }, () => call({ ...user, last: '' })));
    return wrong.filter((each) => each === '').length;
  };

  return { run, race };
};

/** `name=value; attributes`, or a cookie that is taken back. */
const keep = (cookies: Map<string, string>, lines: readonly string[]): void => {
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '' || /Max-Age=0|expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
  }
};

if (process.send) {
  const targets = new Map<string, ReturnType<typeof open>>();
  const at = (name: string) => {
    const target = targets.get(name);
    if (!target) throw new Error(`no target ${name}`);
    return target;
  };
  answerParent({
    target: (target: Target) => void targets.set(target.name, open(target)),
    run: ({ target, ...plan }: Plan) => at(target).run(plan),
    race: ({ target, ...what }: { readonly target: string; readonly user: number; readonly times: number }) =>
      at(target).race(what),
  });
}
