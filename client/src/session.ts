/** The host product's session, and the broker's HTTP with it. */
import {
  type Asked,
  AuthorizationRequiredError,
  BrokerError,
  BrokerUnavailableError,
  ConnectRefusedError,
  IntegrationDisabledError,
  isConnectRefused,
  type Problem,
  SessionRequiredError,
} from './errors.ts';

/**
 * The session JWT; asked for each call, so keep it until it is about to expire. Or the broker's `__Host-` cookie, where
 * broker and page share one host: then `user` says who is signed in, for the page cannot read the cookie.
 */
export type Session =
  | { readonly session: () => string | undefined | Promise<string | undefined> }
  | { readonly session: 'cookie'; readonly user: () => string | Promise<string> };

/** @param as the user (`Identity`) whose call it is: with a session of somebody else it is not made */
export type Call = <Answer>(method: string, path: string, body?: object, as?: string) => Promise<Answer>;
export type Exchange = <Answer>(
  method: string,
  path: string,
  body?: object,
  headers?: Readonly<Record<string, string>>,
) => Promise<readonly [answer: Answer, headers: Headers]>;

/** For one answer of the broker. */
const PATIENCE_MS = 30_000;

/** For the host's `session()`: a call that waits for ever would hold up every other one. */
const SESSION_PATIENCE_MS = 10_000;

/** What the host answers about its session. Throws `BrokerUnavailableError` where it does not answer in time. */
export const answerOfHost = async <T>(answer: T | Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BrokerUnavailableError({ code: 'session_timeout' })), SESSION_PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** Throws `SessionRequiredError`, or `BrokerUnavailableError`. */
export const tokenOf = async (session: () => string | undefined | Promise<string | undefined>): Promise<string> => {
  const token = await answerOfHost(session());
  if (!token) throw new SessionRequiredError({ code: 'login_required' });
  return token;
};

/** @param answer of a stream, what stands in the problem itself */
export const errorOf = (
  problem: Problem,
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  asked: Asked,
): BrokerError => {
  if (status === 429 || status === 503) {
    return new BrokerUnavailableError(problem, { retryAfter: Number(headers.get('Retry-After')) || undefined });
  }
  if (status === 401) return new SessionRequiredError(problem);
  if (status === 409) return new AuthorizationRequiredError(problem, asked);
  if (isConnectRefused(problem.code)) return new ConnectRefusedError(problem);
  return problem.code === 'integration_disabled' ? new IntegrationDisabledError(problem) : new BrokerError(problem);
};

/** What every request of the broker carries. Throws `SessionRequiredError`. */
export const requestWith = async (
  { session }: Session,
  method: string,
  body: object,
  headers?: Readonly<Record<string, string>>,
): Promise<RequestInit> => {
  const isCookie = session === 'cookie';
  return {
    method,
    headers: {
      ...(!isCookie && { Authorization: `Bearer ${await tokenOf(session)}` }),
      ...(method !== 'GET' && { 'Content-Type': 'application/json', 'Broker-Request': '1' }),
      ...headers,
    },
    ...(method[0] === 'P' && { body: JSON.stringify(body) }),
    credentials: isCookie ? 'same-origin' : 'omit',
  };
};

/** @returns calls of the broker, with the headers of request and answer; they throw `BrokerError` and its kinds */
export const createExchange =
  (baseUrl: string, from: Session): Exchange =>
  async <Answer>(method: string, path: string, body: object = {}, headers?: Readonly<Record<string, string>>) => {
    const init = await requestWith(from, method, body, headers);
    const [response, answer] = await fetch(`${baseUrl}/v1${path}`, {
      ...init,
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
      .then(
        async (response) =>
          [response, (response.status === 204 ? undefined : await response.json()) as Answer & Problem] as const,
      )
      .catch(() => {
        throw new BrokerUnavailableError({ code: 'unreachable' });
      });
    if (!response.ok) throw errorOf(answer, response, body);
    return [answer, response.headers];
  };

/** The same without headers. @param userOf whose session token it is */
export const createCall =
  (baseUrl: string, from: Session, userOf?: (token: string) => Promise<string>): Call =>
  async <Answer>(method: string, path: string, body?: object, as?: string) => {
    let session = from;
    if (as !== undefined && userOf && from.session !== 'cookie') {
      // One token for the question and for the call: the host may change it at any moment.
      const token = await tokenOf(from.session);
      if ((await userOf(token)) !== as) throw new SessionRequiredError({ code: 'session_mismatch' });
      session = { session: () => token };
    }
    return (await createExchange(baseUrl, session)<Answer>(method, path, body))[0];
  };
