/** How Google's APIs fail: a code (google.rpc.Code), by gRPC or in the JSON of an answer. */

export const Code = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** The official clients' errors carry `code` as well. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;

  constructor(code: number) {
    super(`grpc_${code}`);
    this.code = code;
  }
}

/** `undefined`: not an answer of the API, but something in the client. */
export const codeOf = (error: unknown): number | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? code : undefined;
};

/**
 * The code in the body of a failed call (google.rpc.Status; streaming methods wrap it in an array). `undefined` for a body that
 * is none, such as a proxy's page: its HTTP status alone must not pass for the API's word.
 */
export const codeIn = (body: unknown): number | undefined => {
  const [status] = Array.isArray(body) ? body : [body];
  const name: unknown = status?.error?.status;
  return typeof name === 'string' && Object.hasOwn(Code, name) ? Code[name as keyof typeof Code] : undefined;
};
