/** What a stand-in's methods are and how they fail, whether they are called by gRPC or by JSON. */
import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';

export { status };

/** An answer with a gRPC status other than OK. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

export const invalid = (message: string) => new Failure(status.INVALID_ARGUMENT, message);
export const unimplemented = (what: string) => new Failure(status.UNIMPLEMENTED, `Not in this stand-in: ${what}.`);

/** One method of a service. `answer` is synchronous: a call takes effect as a whole or not at all. */
export interface Rpc {
  /** The resource names that a request reads or writes (of a query: its collection's); for the faults. */
  targets(request: object): readonly string[];
  /** An array where the method streams its answer. */
  answer(request: object): object;
}

/** What goes wrong, and when. */
export interface Fault {
  /** Method names, such as `Commit`; every method when absent. */
  readonly methods?: readonly string[];
  /** Chooses calls by the resource names that they read or write. */
  readonly matching?: (targets: readonly string[]) => boolean;
  /** How many calls it hits; one when absent, `Infinity` until it is lifted. */
  readonly times?: number;
  /** The status that the caller gets; when absent the call is only delayed. */
  readonly code?: status;
  /** Milliseconds. */
  readonly delay?: number;
  /** `after`: the call takes effect, then the caller waits and is told that it failed. `before` when absent. */
  readonly when?: 'before' | 'after';
}

export class Faults {
  #pending: { fault: Fault; left: number }[] = [];

  /** @returns lifts the fault */
  inject(fault: Fault): () => void {
    const entry = { fault, left: fault.times ?? 1 };
    this.#pending.push(entry);
    return () => {
      entry.left = 0;
    };
  }

  clear(): void {
    this.#pending = [];
  }

  /** Uses up one count of every fault that hits this call. */
  take(method: string, targets: readonly string[]): Fault[] {
    const hits = this.#pending.filter(
      ({ fault, left }) => left > 0 && (fault.methods?.includes(method) ?? true) && (fault.matching?.(targets) ?? true),
    );
    for (const hit of hits) hit.left--;
    this.#pending = this.#pending.filter(({ left }) => left > 0);
    return hits.map(({ fault }) => fault);
  }
}

/** How `@grpc/proto-loader` gives requests to a method. */
export const AS_LOADED = { longs: String, enums: String, defaults: true, oneofs: true } as const;

/** Runs a method by name. */
export type Run = (method: string, request: object) => Promise<object>;

/** Runs methods, counts them and lets them suffer the faults. */
export const runner = (rpcs: Readonly<Record<string, Rpc>>, faults: Faults, closing: AbortSignal) => {
  const calls: Record<string, number> = {};
  const run: Run = async (method, request) => {
    const rpc = rpcs[method];
    if (!rpc) throw unimplemented(method);
    calls[method] = (calls[method] ?? 0) + 1;
    const hits = faults.take(method, rpc.targets(request));
    const suffer = async (when: 'before' | 'after') => {
      for (const { code, delay, when: at = 'before' } of hits) {
        if (at !== when) continue;
        if (delay) await sleep(delay, undefined, { ref: false, signal: closing });
        if (code !== undefined) throw new Failure(code, `Injected ${when} ${method}.`);
      }
    };
    await suffer('before');
    const answer = rpc.answer(request);
    await suffer('after');
    return answer;
  };
  return { run, calls };
};
