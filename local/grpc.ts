/**
 * A gRPC service on loopback, with faults that a test can switch: what the Firestore and Cloud KMS stand-ins share.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

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

export interface Listening {
  /** `127.0.0.1:port` */
  readonly address: string;
  stop(): Promise<void>;
}

export interface Serving extends Listening {
  /** Calls that arrived, by method, whatever came of them; a copy. */
  calls(): Readonly<Record<string, number>>;
}

/** The named service of a protobuf.js JSON descriptor. */
export const serviceOf = (descriptor: Parameters<typeof fromJSON>[0], name: string): ServiceDefinition => {
  const definition = fromJSON(descriptor, { longs: String, enums: String, defaults: true, oneofs: true })[name];
  if (!definition || 'format' in definition) throw new Error(`No service ${name}`);
  return definition;
};

/** Serves on 127.0.0.1. Methods that `rpcs` lacks answer UNIMPLEMENTED with their name. */
export const serve = async (
  service: ServiceDefinition,
  rpcs: Readonly<Record<string, Rpc>>,
  faults: Faults,
  port = 0,
): Promise<Serving> => {
  const server = new Server({ 'grpc.max_receive_message_length': 11 * 1024 * 1024 });
  const closing = new AbortController();
  const calls: Record<string, number> = {};

  const run = async (method: string, rpc: Rpc, request: object): Promise<object> => {
    calls[method] = (calls[method] ?? 0) + 1;
    const hits = faults.take(method, rpc.targets(request));
    const suffer = async (when: 'before' | 'after') => {
      for (const { code, delay, when: at = 'before' } of hits) {
        if (at !== when) continue;
        if (delay) await sleep(delay, undefined, { ref: false, signal: closing.signal });
        if (code !== undefined) throw new Failure(code, `Injected ${when} ${method}.`);
      }
    };
    await suffer('before');
    const answer = rpc.answer(request);
    await suffer('after');
    return answer;
  };
  // An exception that is no Failure is a defect of the stand-in: UNKNOWN, which the clients do not retry.
  const statusOf = (error: unknown) => ({
    code: error instanceof Failure ? error.code : status.UNKNOWN,
    details: error instanceof Error ? error.message : String(error),
  });
  const handlers = Object.entries(rpcs).map(([method, rpc]) => {
    const unary: handleUnaryCall<object, object> = (call, callback) => {
      run(method, rpc, call.request).then(
        (answer) => callback(null, answer),
        (error) => callback(statusOf(error)),
      );
    };
    const streaming: handleServerStreamingCall<object, object> = (call) => {
      run(method, rpc, call.request).then(
        (answers) => {
          for (const answer of answers as object[]) call.write(answer);
          call.end();
        },
        (error) => call.emit('error', statusOf(error)),
      );
    };
    return [method, service[method]?.responseStream ? streaming : unary];
  });
  server.addService(service, Object.fromEntries(handlers));

  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, actual) =>
      error ? reject(error) : resolve(actual),
    );
  });
  return {
    address: `127.0.0.1:${bound}`,
    calls: () => ({ ...calls }),
    async stop() {
      closing.abort();
      server.forceShutdown();
    },
  };
};
