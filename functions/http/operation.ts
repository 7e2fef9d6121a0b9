/**
 * What turns operations of the contract into one function. In order: security headers,
 * correlation id, route, CORS, session, CSRF, rate limit, path and body, the operation, its answer. An operation sees
 * only requests that passed all of it, and gives its answer as a value.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { Unavailable } from '../core/errors.ts';
import type { Identity } from '../core/identity.ts';
import type { Observe } from '../core/ports.ts';
import { type Answer, securityHeaders, setHeaders, write } from './answer.ts';
import { readBody, type WithBody } from './body.ts';
import { RENEWAL_COOKIE } from './cookies.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { cookieOf, credentialsOf, isForged } from './credentials.ts';
import { whenGone, writeEvents } from './event-stream.ts';
import { failureOf } from './failures.ts';
import type { operations } from './generated/types.ts';
import { untilDone } from './lifecycle.ts';
import { type LogContext, traceOf, withLogContext } from './log.ts';
import { forNavigation, isPrefetch, type Place } from './navigation.ts';
import { type Problem, problem } from './problems.ts';
import type { RateLimits } from './rate-limit.ts';
import {
  allowedMethods,
  headerFault,
  isNavigated,
  matchesMethod,
  matchesPath,
  type OperationId,
  parametersOf,
  type Route,
  routeOf,
  targetOf,
} from './routing.ts';

/** What every function needs. */
export interface HttpDependencies {
  readonly limits: RateLimits;
  readonly observe: Observe;
  /** Requests of one instance at once; what comes on top is turned away before it costs anything. */
  readonly maxInFlight: number;
  /** Where a page's link leads (`homeOf`); absent: pages have none. */
  readonly home?: string | undefined;
}

/** The sessions of browsers. */
export interface Sessions {
  /** @returns the identity of a token that verifies. Throws `Unavailable` where that cannot be told. */
  verify(token: string): Promise<Identity | undefined>;
  /** The name of the cookie that may carry the token; absent: only a bearer token is a session. */
  readonly cookie?: string | undefined;
  /** The origins of the front ends, exactly as browsers send them. */
  readonly origins: readonly string[];
}

/** Sessions, and how a front end tells users apart as the broker does: `SessionIdentity` in openapi.yaml. */
export interface IdentifiedSessions extends Sessions {
  userKey(identity: Identity): string;
  /** Names on the way to each claim that decides who the user is. */
  readonly claims: readonly (readonly string[])[];
}

/** The service tokens of the host product's backend. */
export interface Services {
  verify(token: string): Promise<{ readonly tenant: string } | undefined>;
}

/** The platform's scheduler. */
export interface Scheduler {
  /** Throws `Unavailable` where that cannot be told. */
  verify(token: string): Promise<boolean>;
}

type PathOf<K extends OperationId> = operations[K]['parameters'] extends { readonly path: infer P } ? P : unknown;
type JsonOf<T> = T extends { readonly content: { readonly 'application/json': infer B } } ? B : never;
/** The body as the contract has it; `undefined` where it is optional and absent, or where the operation takes none. */
type BodyOf<K extends OperationId> = operations[K] extends { readonly requestBody: infer R }
  ? JsonOf<R>
  : JsonOf<NonNullable<operations[K]['requestBody']>> | undefined;
/** Without JSON it is a page, or nothing. */
type SuccessOf<K extends OperationId> = operations[K]['responses'] extends { readonly 200: infer R }
  ? JsonOf<R>
  : string;

/** A request that passed. */
export interface Call<K extends OperationId> {
  readonly path: PathOf<K>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: BodyOf<K>;
  /** Aborts when the client goes away before it has its answer; for what is not worth doing for nobody. */
  readonly whenGone: () => AbortSignal;
}

type Run<K extends OperationId, Caller> = (call: Call<K> & Caller) => Promise<Answer<SuccessOf<K> | Problem>>;

type Untyped = Pick<Call<OperationId>, 'query' | 'headers' | 'whenGone'> & {
  readonly path: unknown;
  readonly body: unknown;
};

/** Somebody whom the operation lets in. Without `user` and `service` the client's address is the rate limit's key. */
interface Admitted {
  /** The rate limit's key of a verified user. */
  readonly user?: string;
  /** The rate limit's key of a backend. */
  readonly service?: string;
  readonly tenant?: string;
  /** What is asked for, where each has a limit of its own. */
  itemOf?(call: Untyped): string;
  run(call: Untyped): Promise<Answer>;
}

export interface Operation {
  readonly id: OperationId;
  readonly sessions?: Pick<Sessions, 'origins'>;
  admit(req: WithBody): Promise<Admitted | { readonly refusal: Answer<Problem> }>;
}

// The one place where a request becomes typed: the generated validators have checked it against the same contract.
const typed =
  <K extends OperationId, Caller>(run: Run<K, Caller>, caller: Caller) =>
  (call: Untyped) =>
    run({ ...(call as Call<K>), ...caller });

/** An operation for the verified session of a user. */
export const sessionOperation = <K extends OperationId>(
  id: K,
  sessions: Sessions,
  run: Run<K, { readonly identity: Identity }>,
): Operation => ({
  id,
  sessions,
  async admit(req) {
    const credentials = credentialsOf(req, sessions.cookie);
    const identity = credentials && (await sessions.verify(credentials.token));
    if (!identity) return { refusal: problem('login_required') };
    if (isForged(req, credentials)) return { refusal: problem('csrf_rejected') };
    const { tenant, user } = identity;
    return { user: JSON.stringify(['user', tenant, user]), tenant, run: typed(run, { identity }) };
  },
});

/** An operation for the host product's backend: a bearer token of its own audience, never a cookie, no CORS. */
export const serviceOperation = <K extends OperationId>(
  id: K,
  services: Services,
  run: Run<K, { readonly service: { readonly tenant: string } }>,
  itemOf: (call: Call<K>) => string = ({ path }) => JSON.stringify(path),
): Operation => ({
  id,
  async admit(req) {
    const credentials = credentialsOf(req);
    const service = credentials && (await services.verify(credentials.token));
    if (!service) return { refusal: problem('login_required') };
    const { tenant } = service;
    return {
      service: JSON.stringify(['service', tenant]),
      tenant,
      itemOf: (call) => JSON.stringify([id, tenant, itemOf(call as Call<K>)]),
      run: typed(run, { service }),
    };
  },
});

/** An operation for the platform's scheduler: a bearer token of its own service account, never a cookie, no CORS. */
export const schedulerOperation = <K extends OperationId>(
  id: K,
  scheduler: Scheduler,
  run: Run<K, { readonly schedulerToken: string }>,
): Operation => ({
  id,
  async admit(req) {
    const schedulerToken = credentialsOf(req)?.token;
    const isScheduler = schedulerToken !== undefined && (await scheduler.verify(schedulerToken));
    return isScheduler
      ? { user: 'scheduler', run: typed(run, { schedulerToken }) }
      : { refusal: problem('login_required') };
  },
});

/** An operation for a browser that has signed in, on the broker's own origin: the session itself may be over. */
export const renewalOperation = <K extends OperationId>(
  id: K,
  sessions: Pick<Sessions, 'origins'>,
  run: Run<K, { readonly renewalToken: string }>,
): Operation => ({
  id,
  sessions,
  async admit(req) {
    const credentials = cookieOf(req, RENEWAL_COOKIE);
    if (!credentials) return { refusal: problem('login_required') };
    if (isForged(req, credentials)) return { refusal: problem('csrf_rejected') };
    return {
      itemOf: () => JSON.stringify([id, credentials.token]),
      run: typed(run, { renewalToken: credentials.token }),
    };
  },
});

/** An operation for everybody. */
export const publicOperation = <K extends OperationId>(id: K, run: Run<K, unknown>): Operation => ({
  id,
  admit: async () => ({ run: typed(run, {}) }),
});

const limited = (seconds: number) => problem('rate_limited', { retryAfter: seconds });

interface Match {
  readonly operation: Operation;
  readonly route: Route;
}

const answerCall = async (
  http: HttpDependencies,
  { operation, route }: Match,
  req: WithBody,
  res: ServerResponse,
  context: LogContext,
): Promise<Answer> => {
  const admitted = await operation.admit(req).catch((error): ReturnType<Operation['admit']> => {
    // Made up tokens that nobody can tell from good ones count like refused ones.
    const wait = error instanceof Unavailable ? refusedWait(http, req) : 0;
    if (wait > 0) return Promise.resolve({ refusal: limited(wait) });
    throw error;
  });
  if ('refusal' in admitted) {
    const wait = admitted.refusal.status === 401 ? refusedWait(http, req) : 0;
    return wait > 0 ? limited(wait) : admitted.refusal;
  }
  const { user, service, itemOf, tenant } = admitted;
  if (tenant !== undefined) context.tenant = tenant;
  const { limits } = http;
  const wait =
    user !== undefined ? limits.user(user) : service !== undefined ? limits.service(service) : limits.address(req);
  if (wait > 0) return limited(wait);
  const { path: rawPath, query } = targetOf(req);
  const path = parametersOf(route, rawPath);
  if (!path) return problem(route.misfit);
  const fault = headerFault(route, req.headers);
  if (fault) return problem('invalid_request', { detail: fault });
  // Content of an operation that takes none has no meaning (RFC 9110 section 9.3) and is not looked at.
  const body = 'body' in route ? readBody(req, route.body) : { value: undefined };
  if ('refusal' in body) return body.refusal;
  const call: Untyped = { path, query, headers: req.headers, body: body.value, whenGone: () => whenGone(res) };
  const item = itemOf && digestOf(itemOf(call));
  const itemWait = item === undefined ? 0 : limits.item(item);
  if (itemWait > 0) return limited(itemWait);
  const answer = await admitted.run(call);
  if (user !== undefined || !REFUSED.has(answer.status)) return answer;
  if (item !== undefined) limits.forgetItem(item);
  const failureWait = service === undefined ? limits.failureFrom(req) : limits.failure(service);
  return failureWait > 0 ? limited(failureWait) : answer;
};

/** No such session, code, token or state. */
const REFUSED: ReadonlySet<number> = new Set([400, 401]);

/** A key of fixed length, and no secret: buckets stay in memory. */
const digestOf = (item: string): string => createHash('sha256').update(item).digest('base64');

/** Guessing is bounded by address: there is no user yet. Whoever has a valid session goes on meanwhile. */
const refusedWait = ({ limits }: HttpDependencies, req: WithBody): number =>
  Math.max(limits.address(req), limits.failureFrom(req));

const matchesOf = (operations: readonly Operation[], req: WithBody): readonly Match[] => {
  const { path } = targetOf(req);
  return operations
    .map((operation) => ({ operation, route: routeOf(operation.id) }))
    .filter(({ route }) => matchesPath(route, path));
};

const respond = async (
  http: HttpDependencies & { readonly inFlight: number },
  matching: readonly Match[],
  req: WithBody,
  res: ServerResponse,
  context: LogContext,
): Promise<Answer> => {
  if (matching.length === 0) return problem('not_found');

  const methods = [...allowedMethods(matching.map(({ route }) => route)), 'OPTIONS'];
  const sessions = matching.find(({ operation }) => operation.sessions)?.operation.sessions;
  const cors = sessions ? corsHeaders(req, sessions.origins) : {};
  setHeaders(res, cors ?? { Vary: 'Origin' });
  if (!cors) return problem('origin_not_allowed');

  if (req.method === 'OPTIONS') {
    const isPreflight = 'Access-Control-Allow-Origin' in cors;
    return { status: 204, headers: isPreflight ? preflightHeaders(methods) : { Allow: methods.join(', ') } };
  }
  const match = matching.find(({ route }) => matchesMethod(route, req.method));
  if (!match) {
    const refusal = problem('method_not_allowed');
    return { ...refusal, headers: { ...refusal.headers, Allow: methods.join(', ') } };
  }
  context.operation = match.operation.id;
  // Browsers drop what they loaded in advance unless its status is 2xx, and ask again when the person opens the page.
  if (isNavigated(match.route) && isPrefetch(req)) return problem('prefetch_refused');
  // With its CORS headers, so that a front end can read it.
  if (http.inFlight > http.maxInFlight)
    return problem('temporarily_unavailable', { retryAfter: 1 + Math.random() * 2 });
  return answerCall(http, match, req, res, context);
};

const problemCodeOf = ({ body }: Answer): string | undefined =>
  typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : undefined;

/** What a host calls for every request. */
export type Handler = (req: WithBody, res: ServerResponse) => Promise<void>;

/** One function for the operations that share it. It answers every request, and never throws. */
export const serve = (http: HttpDependencies, ...operations: readonly Operation[]): Handler => {
  let inFlight = 0;
  return (req, res) => {
    const trace = traceOf(req.headers);
    const context: LogContext = { correlation_id: randomUUID(), ...(trace && { trace }) };
    setHeaders(res, securityHeaders);
    const matching = matchesOf(operations, req);
    const place: Place = { isForPeople: matching.every(({ route }) => isNavigated(route)), home: http.home };
    const answered = withLogContext(context, async () => {
      inFlight += 1;
      try {
        const given = await respond({ ...http, inFlight }, matching, req, res, context);
        const answer = forNavigation(req, given, place);
        const code = given.status >= 400 ? problemCodeOf(given) : undefined;
        // Who has gone was answered nothing.
        if (code && !res.destroyed) {
          http.observe({
            event: 'problem',
            severity: answer.status >= 500 ? 'WARNING' : 'INFO',
            status: answer.status,
            code,
          });
        }
        if (answer.events)
          await writeEvents(res, { ...answer, events: answer.events }, context.correlation_id, http.observe);
        else write(res, answer, context.correlation_id);
      } catch (error) {
        const { answer, event } = failureOf(error);
        http.observe(event);
        write(res, forNavigation(req, answer, place), context.correlation_id);
      } finally {
        inFlight -= 1;
      }
    });
    return untilDone(answered);
  };
};
