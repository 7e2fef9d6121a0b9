/**
 * A Google API on loopback, by gRPC and by JSON on one port, with faults that a test can switch: what the Firestore and Cloud KMS
 * stand-ins share.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { INamespace } from 'protobufjs';
import { grpcServer } from './grpc.ts';
import { restServer } from './rest.ts';
import { type Faults, type Rpc, runner } from './rpc.ts';

export interface Listening {
  /** `127.0.0.1:port` */
  readonly address: string;
  stop(): Promise<void>;
}

export interface Serving extends Listening {
  /** Calls that arrived, by method, whatever came of them; a copy. */
  calls(): Readonly<Record<string, number>>;
}

/** HTTP/2 with prior knowledge begins with `PRI * HTTP/2.0`; no method of HTTP/1.1 begins with these letters. */
const HTTP2 = 'PRI';

/**
 * Serves on 127.0.0.1. `descriptor`: of protobuf.js, in JSON. Methods that `rpcs` lacks answer UNIMPLEMENTED.
 */
export const serve = async (
  descriptor: INamespace,
  service: string,
  rpcs: Readonly<Record<string, Rpc>>,
  faults: Faults,
  port = 0,
): Promise<Serving> => {
  const closing = new AbortController();
  const { run, calls } = runner(rpcs, faults, closing.signal);
  const methods = Object.keys(rpcs);
  const grpc = grpcServer(descriptor, service, methods, run);
  const rest = restServer(descriptor, service, methods, run);
  const sockets = new Set<Socket>();

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.once('data', (head) => {
      socket.pause();
      socket.unshift(head);
      if (head.subarray(0, HTTP2.length).toString() === HTTP2) grpc.accept(socket);
      else rest.emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => ({ ...calls }),
    async stop() {
      closing.abort();
      grpc.stop();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
