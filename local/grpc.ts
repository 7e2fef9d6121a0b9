/** The gRPC face of a stand-in. */
import type { Duplex } from 'node:stream';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import type { INamespace } from 'protobufjs';
import { AS_LOADED, Failure, type Run, status } from './rpc.ts';

export interface GrpcServer {
  accept(connection: Duplex): void;
  stop(): void;
}

export const grpcServer = (descriptor: INamespace, name: string, methods: readonly string[], run: Run): GrpcServer => {
  const server = new Server({ 'grpc.max_receive_message_length': 11 * 1024 * 1024 });
  const service = serviceOf(descriptor, name);
  const handlers = methods.map((method) => {
    const unary: handleUnaryCall<object, object> = (call, callback) => {
      run(method, call.request).then(
        (answer) => callback(null, answer),
        (error) => callback(statusOf(error)),
      );
    };
    const streaming: handleServerStreamingCall<object, object> = (call) => {
      run(method, call.request).then(
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
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    accept: (connection) => injector.injectConnection(connection),
    stop: () => server.forceShutdown(),
  };
};

const serviceOf = (descriptor: INamespace, name: string): ServiceDefinition => {
  const definition = fromJSON(descriptor, AS_LOADED)[name];
  if (!definition || 'format' in definition) throw new Error(`No service ${name}`);
  return definition;
};

// An exception that is no Failure is a defect of the stand-in: UNKNOWN, which the clients do not retry.
const statusOf = (error: unknown) => ({
  code: error instanceof Failure ? error.code : status.UNKNOWN,
  details: error instanceof Error ? error.message : String(error),
});
