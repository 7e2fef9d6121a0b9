/**
 * What is thrown: only what the caller of a port cannot decide on. Expected outcomes are unions in each operation.
 */

export type Upstream = 'database' | 'key_service' | 'provider' | 'identity_provider' | 'model';

/**
 * A neighbour did not answer, or answered that it cannot now. Changes nothing, becomes 503 with Retry-After.
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly upstream: Upstream;
  /** Whether the asked-for write may have happened all the same. */
  readonly applied: 'no' | 'unknown';
  /** Only ops can help (permission denied, key version disabled, wrong client secret): logged as an error. */
  readonly needsOps: boolean;
  /** Seconds. */
  readonly retryAfter: number;

  constructor(
    upstream: Upstream,
    code: string,
    options: { applied?: 'no' | 'unknown'; needsOps?: boolean; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(`${upstream}: ${code}`, { cause: options.cause });
    this.upstream = upstream;
    this.applied = options.applied ?? 'no';
    this.needsOps = options.needsOps ?? false;
    this.retryAfter = options.retryAfter ?? 1;
  }
}

/** A stored record does not open under the identity, life and revision that it should belong to. */
export class IntegrityError extends Error {
  override readonly name = 'IntegrityError';
}
