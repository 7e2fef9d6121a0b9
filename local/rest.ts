/**
 * The JSON face of a Google API, from the same descriptor as its gRPC face: https://google.aip.dev/127 (transcoding), with the
 * proto3 JSON mapping. Only methods that POST their whole request.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { fromProto3JSON, toProto3JSON } from 'proto3-json-serializer';
import protobuf, { type INamespace, type Method, type Type } from 'protobufjs';
import { AS_LOADED, Failure, invalid, type Run, status } from './rpc.ts';

/** `google.api.HttpRule` */
interface HttpRule {
  readonly post?: string;
  readonly body?: string;
}

interface Route {
  readonly method: Method;
  readonly path: RegExp;
}

/** Serves what is handed to it with `emit('connection', socket)`. */
export const restServer = (descriptor: INamespace, service: string, methods: readonly string[], run: Run): Server => {
  const root = protobuf.Root.fromJSON(descriptor);
  const routes = methods.flatMap((name) => routesOf(root.lookupService(service).methods[name]));
  return createServer((req, res) => {
    let streams = false;
    const respond = async (): Promise<unknown> => {
      const { pathname } = new URL(req.url ?? '', 'http://local');
      for (const { method, path } of routes) {
        const inPath = path.exec(pathname)?.groups;
        if (!inPath || req.method !== 'POST') continue;
        streams = method.responseStream === true;
        const answer = await run(method.name, await requestOf(method, req, inPath));
        const answerType = method.resolvedResponseType as Type;
        const onWire = (each: object) => toProto3JSON(answerType.fromObject(each));
        return Array.isArray(answer) ? answer.map(onWire) : onWire(answer);
      }
      throw new Failure(status.UNIMPLEMENTED, `Not in this stand-in: ${req.method} ${pathname}.`);
    };
    respond().then(
      (answer) => send(res, 200, answer),
      (error) => {
        const [http, body] = failureOf(error);
        send(res, http, streams ? [body] : body);
      },
    );
  });
};

/** What stands in the braces of `/v1/{database=…}/documents:commit` is a member of the request. */
const routesOf = (method: Method | undefined): Route[] => {
  const options = (method?.resolve().parsedOptions ?? []) as unknown as object[];
  const rule = options.map((each) => (each as { '(google.api.http)'?: HttpRule })['(google.api.http)']).find(Boolean);
  const { post, body } = rule ?? {};
  if (!method || post === undefined || body !== '*') return [];
  const pattern = post.replace(/\{(\w+)=([^}]*)\}/g, (_, name: string, value: string) => {
    return `(?<${name}>${value.replaceAll('*', '[^/:]+')})`;
  });
  return [{ method, path: new RegExp(`^${pattern}$`) }];
};

const requestOf = async (method: Method, req: IncomingMessage, inPath: Record<string, string>): Promise<object> => {
  const type = method.resolvedRequestType as Type;
  try {
    const body = (await json(req)) as object;
    const message = fromProto3JSON(type, { ...body, ...decoded(inPath) });
    return type.toObject(message ?? type.create(), AS_LOADED);
  } catch (error) {
    throw invalid(`Invalid JSON payload received. ${error instanceof Error ? error.message : ''}`);
  }
};

const decoded = (inPath: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(inPath).map(([name, value]) => [name, decodeURIComponent(value)]));

const send = (res: ServerResponse, code: number, body: unknown): void => {
  res.writeHead(code, { 'content-type': 'application/json; charset=UTF-8' });
  res.end(JSON.stringify(body));
};

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto says which HTTP status goes with which code. */
const HTTP_STATUS: Partial<Record<status, number>> = {
  [status.CANCELLED]: 499,
  [status.INVALID_ARGUMENT]: 400,
  [status.DEADLINE_EXCEEDED]: 504,
  [status.NOT_FOUND]: 404,
  [status.ALREADY_EXISTS]: 409,
  [status.PERMISSION_DENIED]: 403,
  [status.RESOURCE_EXHAUSTED]: 429,
  [status.FAILED_PRECONDITION]: 400,
  [status.ABORTED]: 409,
  [status.OUT_OF_RANGE]: 400,
  [status.UNIMPLEMENTED]: 501,
  [status.UNAVAILABLE]: 503,
  [status.UNAUTHENTICATED]: 401,
};

/** An exception that is no `Failure` is a defect of the stand-in: UNKNOWN, which the clients do not retry. */
const failureOf = (error: unknown): [number, object] => {
  const code = error instanceof Failure ? error.code : status.UNKNOWN;
  const http = HTTP_STATUS[code] ?? 500;
  const message = error instanceof Error ? error.message : String(error);
  return [http, { error: { code: http, message, status: status[code] } }];
};
