/**
 * A client of the token broker, and all of it: read it from top to bottom to learn the flow.
 *
 *     const back = readReturn();                                       // on every page load, first thing
 *     const broker = createBroker({ origin, returnTo, session });
 *     await broker.authorize('google', { integrations: ['files'] });   // steps 1 and 2: leaves the page
 *     if (back?.ticket) await broker.complete(back);                   // step 3: the user is connected
 *     const { access_token } = await broker.token('google', { integration: 'files' });
 *
 * Every call throws `BrokerProblem` where the broker answers anything but success.
 */
import { keys, read, remove, write } from '../../../client/src/storage.ts';
import type { components } from '../../../functions/http/generated/types.ts';

type Schemas = components['schemas'];
export type Connection = Schemas['Connection'];
export type Removed = Schemas['Removed'];
export type CompleteAnswer = Schemas['CompleteAnswer'];
export type TokenAnswer = Schemas['TokenAnswer'];
export type AuthorizationReason = Schemas['AuthorizationReason'];
export type CallbackError = NonNullable<Schemas['CallbackFragment']['error']>;
/** The contract's codes, one for no answer at all, and one for a browser that keeps nothing for this page. */
export type ProblemCode = Schemas['ProblemCode'] | 'unreachable' | 'storage_denied';
/** What to ask the user for. */
export type Wanted = { readonly integrations: readonly string[] } | { readonly scopes: readonly string[] };

/** RFC 9457, as the broker writes it; `reason` and what follows it come with `authorization_required`. */
export interface Problem {
  readonly code: ProblemCode;
  readonly correlation_id?: string;
  readonly reason?: AuthorizationReason;
  readonly missing_scopes?: readonly string[];
  readonly claims?: string;
}

export class BrokerProblem extends Error {
  override readonly name = 'BrokerProblem';
  readonly problem: Problem;
  /** Seconds to wait before another try, where the broker says. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, retryAfter?: number) {
    super(problem.code);
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** What the provider's redirect brought back: a ticket, or an error. */
export interface Returned {
  readonly provider: string;
  readonly ticket: string | null;
  readonly error: CallbackError | null;
  /** `null`: this tab did not start the flow, so it cannot finish it. */
  readonly flow: string | null;
}

export interface BrokerOptions {
  /** The broker's origin. */
  readonly origin: string;
  /** This page, exactly as it is registered with the broker. */
  readonly returnTo: string;
  /** The host product's session token for the signed-in user. */
  session(): Promise<string>;
  readonly fetch?: typeof fetch;
}

const FLOW = 'broker-flow:';

/** Takes the result out of the address bar, the history and this tab's storage: whatever happens, it is used once. */
export const readReturn = (): Returned | undefined => {
  const result = new URLSearchParams(location.hash.slice(1));
  const [provider, flowId] = [result.get('provider'), result.get('flow_id')];
  if (provider === null || flowId === null) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  const flow = read(FLOW + flowId)?.flow ?? null;
  remove(FLOW + flowId);
  return { provider, ticket: result.get('ticket'), error: result.get('error') as CallbackError | null, flow };
};

/** Forgets flows that were begun in this tab and never came back. */
export const forgetFlows = (): void => {
  for (const key of keys()) if (key.startsWith(FLOW)) remove(key);
};

/** A call of the broker with the user's session. Throws `BrokerProblem`. */
export const createCaller =
  ({ origin, session, fetch = globalThis.fetch }: Omit<BrokerOptions, 'returnTo'>) =>
  async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const headers = new Headers({ Authorization: `Bearer ${await session()}` });
    if (body) headers.set('Content-Type', 'application/json');
    const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
    const response = await fetch(`${origin}/v1${path}`, init).catch(() => {
      throw new BrokerProblem({ code: 'unreachable' });
    });
    if (response.status === 204) return undefined as Answer;
    const answer = await response.json().catch(() => ({ code: 'internal_error' }));
    if (!response.ok) throw new BrokerProblem(answer, Number(response.headers.get('Retry-After')) || undefined);
    return answer;
  };

export const createBroker = ({ returnTo, ...options }: BrokerOptions) => {
  const call = createCaller(options);
  const to = (provider: string, action: string) => `/connections/${encodeURIComponent(provider)}/${action}`;

  return {
    /**
     * Steps 1 and 2: asks where to send the user, keeps the sealed flow in this tab, and goes there. The provider sends
     * the user to the broker, and the broker sends them back to `returnTo`.
     * @param claims a claims challenge, from the provider's API or from a problem, as it came
     */
    async authorize(provider: string, wanted: Wanted, claims?: string): Promise<void> {
      const body = { ...wanted, return_to: returnTo, ...(claims === undefined ? {} : { claims }) };
      const started = await call<Schemas['AuthorizeAnswer']>('POST', to(provider, 'authorize'), body);
      // Without storage nothing could finish the flow.
      if (!write(FLOW + started.flow_id, { flow: started.flow })) throw new BrokerProblem({ code: 'storage_denied' });
      location.assign(started.authorization_url);
    },

    /** Step 3: ticket and flow, with the session of the user who started, become a connection. */
    complete: ({ provider, ticket, flow }: Returned) =>
      call<CompleteAnswer>('POST', to(provider, 'complete'), { ticket, flow }),

    /** A fresh access token for the provider's API. Keep it in memory only. */
    token: (provider: string, request: { readonly integration: string; readonly claims?: string }) =>
      call<TokenAnswer>('POST', to(provider, 'token'), request),

    async connections(): Promise<readonly Connection[]> {
      return (await call<Schemas['ConnectionList']>('GET', '/connections')).connections;
    },

    /** `undefined`: there was nothing to remove. */
    disconnect: (provider: string) =>
      call<Removed | undefined>('DELETE', `/connections/${encodeURIComponent(provider)}`),

    async deleteAccount(): Promise<readonly Removed[]> {
      return (await call<Schemas['AccountRemoved'] | undefined>('DELETE', '/account'))?.removed ?? [];
    },
  };
};

export type Broker = ReturnType<typeof createBroker>;
