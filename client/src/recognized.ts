/**
 * Broker errors that a library has wrapped. Graph's client, for example, throws a `GraphError` that keeps only name,
 * message and stack of the error that it caught.
 *
 *     catch (error) {
 *       const cause = brokerErrorIn(error);
 *       if (cause instanceof AuthorizationRequiredError) offerConnect(cause.request);
 *     }
 */
import {
  AuthorizationRequiredError,
  BrokerError,
  BrokerUnavailableError,
  ConnectRefusedError,
  IntegrationDisabledError,
  PopupBlockedError,
  PopupClosedError,
  PopupTimeoutError,
  SessionRequiredError,
} from './errors.ts';
import { MOST, markedIn } from './recognizable.ts';

/** By `name`, because `instanceof` does not know the class of a second copy of this package. */
const CLASSES: ReadonlyMap<string, new (...parameters: never[]) => BrokerError> = new Map(
  Object.entries({
    AuthorizationRequiredError,
    BrokerError,
    BrokerUnavailableError,
    ConnectRefusedError,
    IntegrationDisabledError,
    PopupBlockedError,
    PopupClosedError,
    PopupTimeoutError,
    SessionRequiredError,
  }),
);

/** What libraries call the error that they wrap. */
const INNER = ['cause', 'error', 'innerError', 'originalError', 'inner', 'reason', 'errors'] as const;

/** `undefined`: no error of this package. Another copy's error, or its JSON, becomes one of this copy's classes. */
const own = (value: object): BrokerError | undefined => {
  if (value instanceof BrokerError) return value;
  const { name, code, request, message } = value as Partial<AuthorizationRequiredError>;
  const Class = CLASSES.get(name ?? '');
  if (!Class || typeof code !== 'string' || (Class === AuthorizationRequiredError && !request?.provider)) return;
  const stack = 'stack' in value && { stack: value.stack };
  const error = new BrokerError({ code, ...(message && { detail: message }) }, { ...value, ...stack });
  return Object.setPrototypeOf(error, Class.prototype);
};

/**
 * The broker error in what was caught: the error itself, an error that it wraps at any depth (`cause`, `errors` ...), or
 * the one whose stack it carries. Also an error of another copy of this package, for example in another bundle.
 * @returns `undefined`: none. A library that keeps the message alone leaves nothing to find: use `onAuthorizationRequired`.
 */
export const brokerErrorIn = (caught: unknown): BrokerError | undefined => {
  const seen = new Set<unknown>();
  const look = (value: unknown): BrokerError | undefined => {
    if (typeof value !== 'object' || value === null || seen.has(value) || seen.size > MOST) return undefined;
    seen.add(value);
    const found = own(value);
    if (found) return found;
    const marked = look(markedIn(Reflect.get(value, 'stack')));
    if (marked) return marked;
    for (const name of INNER) {
      const inner: unknown = Reflect.get(value, name);
      for (const each of Array.isArray(inner) ? inner : [inner]) {
        const inside = look(each);
        if (inside) return inside;
      }
    }
    return undefined;
  };
  return look(caught);
};

export * from './errors.ts';
export type { AdapterOptions } from './recognizable.ts';
