/** What adapters do with a broker error, so that the app can get at it whatever a library makes of it. */
import type { AuthorizationRequiredError, ConnectAgain } from './errors.ts';

/** What every adapter takes. */
export interface AdapterOptions {
  /**
   * The user has to go through `connect(request)`: show a button. Called before the adapter's promise is rejected with
   * `error`, whatever the library around the adapter makes of it.
   */
  readonly onAuthorizationRequired?: ((request: ConnectAgain, error: AuthorizationRequiredError) => void) | undefined;
}

/** For so many errors the mark is known. */
export const MOST = 100;
const MARK = /token-broker:(\d+-[0-9a-z]+)/;

/** The last errors that adapters threw, by the mark in their stack; shared by all copies of this package in a page. */
const recent = (): Map<string, unknown> => {
  const place = globalThis as { [key: symbol]: Map<string, unknown> | undefined };
  const key = Symbol.for('token-broker.errors');
  place[key] ??= new Map();
  return place[key];
};

/** @returns the error whose mark is in this stack */
export const markedIn = (stack: unknown): unknown => {
  const id = typeof stack === 'string' && MARK.exec(stack)?.[1];
  return id ? recent().get(id) : undefined;
};

/** Wrappers copy the stack, so a line of it leads back to the error. A frozen error gets no mark. */
const mark = (error: Error): void => {
  if (markedIn(error.stack) === error) return;
  const errors = recent();
  const id = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  if (!Reflect.set(error, 'stack', `${error.stack ?? error.message}\n    at token-broker:${id}`)) return;
  errors.set(id, error);
  for (const oldest of errors.keys()) if (errors.size > MOST) errors.delete(oldest);
};

/** For adapters: what `coming` is rejected with can be found later by `brokerErrorIn`, and is told to the app. */
export const recognizable = async <T>(coming: Promise<T>, { onAuthorizationRequired }: AdapterOptions): Promise<T> => {
  try {
    return await coming;
  } catch (error) {
    // By its shape: the broker object may come from another copy of this package.
    if (error instanceof Error && 'correlationId' in error) {
      mark(error);
      const { name, request } = error as AuthorizationRequiredError;
      if (name === 'AuthorizationRequiredError' && onAuthorizationRequired) {
        // In a task of its own, so that what it throws does not replace the error.
        queueMicrotask(() => onAuthorizationRequired(request, error as AuthorizationRequiredError));
      }
    }
    throw error;
  }
};
