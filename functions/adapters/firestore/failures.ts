/** What a failed call to the database means, by whichever client. */
import { Unavailable } from '../../core/errors.ts';
import { Code, codeOf } from '../google-rpc.ts';

const NEEDS_OPS: ReadonlySet<number> = new Set([
  Code.INVALID_ARGUMENT,
  Code.NOT_FOUND,
  Code.PERMISSION_DENIED,
  Code.UNIMPLEMENTED,
  Code.UNAUTHENTICATED,
]);

/** Whether a precondition (exists, last update time) was what refused the write. */
export const isConflict = (error: unknown): boolean => {
  const code = codeOf(error);
  return code === Code.FAILED_PRECONDITION || code === Code.NOT_FOUND;
};

/** Runs a call; what is not one of the `expected` failures becomes `Unavailable`. */
export const mapped = async <T>(
  run: () => Promise<T>,
  expected: (error: unknown) => boolean = () => false,
): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Unavailable || expected(error)) throw error;
    // A fault of our own, not of the database: not to be retried.
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    const code = codeOf(error);
    throw new Unavailable('database', code === undefined ? 'client' : `grpc_${code}`, {
      applied: code === Code.ABORTED ? 'no' : 'unknown',
      needsOps: code === undefined || NEEDS_OPS.has(code),
      cause: error,
    });
  }
};
