/** A local stack for black-box tests: what a front end and a host product do with it, and what must never be found in it. */
import { digest } from '../../functions/core/flow.ts';
import { databaseOf } from '../../local/firestore/client.ts';
import { type Stack, type StackOptions, startStack } from '../../local/stack.ts';
import { consent } from './consent.ts';
import { type Answer, checkAnswer, checkSchema } from './contract.ts';
import { undocumented } from './logged-events.ts';
import { storedText } from './stored.ts';

/** For tests of other things: everybody goes through the broker, at Google too. */
export const CODE_FLOW = {
  DEFAULT_POLICY: JSON.stringify({ providers: { google: { flow: 'authorization_code' } } }),
};

export interface CallOptions {
  /** A JWT for the Authorization header. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is text already. */
  readonly body?: unknown;
  /** Which broker process; the first by default. */
  readonly broker?: string;
}

/** The members that tests look at; each answer was held against the contract before. */
// biome-ignore lint/suspicious/noExplicitAny: a black-box test reads JSON as a stranger does
export type Json = any;

export interface TestAnswer extends Answer {
  readonly body: Json;
}

export interface TestStack extends Stack {
  readonly logs: string[];
  /** The PKCE challenges of the flows that were started: their verifiers must be nowhere. */
  readonly challenges: Set<string>;
  call(method: string, path: string, options?: CallOptions): Promise<TestAnswer>;
  /** A session token of `user-1` in `org-1`, or of another. */
  session(user?: string, tenant?: string, roles?: readonly string[]): Promise<string>;
  /** Everything that is in the database, as text: bytes as they are, so that plain text in them is found. */
  stored(): Promise<string>;
}

export const startTestStack = async (options: StackOptions = {}): Promise<TestStack> => {
  const logs: string[] = [];
  const challenges = new Set<string>();
  const stack = await startStack({ ...options, log: (line) => logs.push(line) });
  const { SIGN_IN_DATABASE, ANSWERS_DATABASE } = stack.environment;
  const databases = [undefined, SIGN_IN_DATABASE, ANSWERS_DATABASE].map((id) => databaseOf(stack.environment, id));
  const stored = async () => (await Promise.all(databases.map((each) => storedText(each)))).join('\n');
  return {
    ...stack,
    logs,
    challenges,
    call: async (method, path, { token, headers, body, broker = stack.broker } = {}) => {
      const response = await fetch(`${broker}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json');
      const answer = {
        status: response.status,
        headers: response.headers,
        body: text === '' ? undefined : isJson ? JSON.parse(text) : text,
      };
      // As it was sent: `fetch` resolves dots.
      checkAnswer(method, new URL(path, broker).pathname, answer);
      return answer;
    },
    session: (user = 'user-1', tenant = 'org-1', roles = []) => stack.demo.sessions.sessionToken(user, tenant, roles),
    stored,
    // Whatever a test did: nothing secret may be left in the database or the log (S42, S43).
    stop: async () => {
      const kept = await stored();
      await Promise.all(databases.map((each) => each.terminate()));
      await stack.stop();
      // The last lines come while it stops.
      const everything = [kept, ...logs].join('\n');
      const found = [...leaks(stack, everything), ...verifiersIn(everything, challenges)];
      if (found.length > 0) throw new Error(`secrets in the database or the log: ${found}`);
      const strange = undocumented(logs);
      if (strange.length > 0) throw new Error(`in the log, and not in docs/events.md: ${strange.join(', ')}`);
    },
  };
};

/** A verifier is 43 characters whose SHA-256 is one of the challenges. */
const verifiersIn = (text: string, challenges: ReadonlySet<string>): string[] =>
  [...new Set(text.match(/[A-Za-z0-9_-]{43}/g))]
    .filter((word) => challenges.has(digest(word)))
    .map(() => 'code_verifier');

/** The secrets handed out by the providers that the text contains, by kind; as they are, base64 or base64url. */
export const leaks = (stack: Stack, text: string): string[] =>
  [
    ...Object.values(stack.providers).flatMap(({ control }) => control.issued()),
    ...stack.gemini.issued.map((value) => ({ kind: "the model's token", value })),
  ]
    .filter(({ value }) =>
      [value, Buffer.from(value).toString('base64').replace(/=+$/, ''), Buffer.from(value).toString('base64url')].some(
        (form) => text.includes(form),
      ),
    )
    .map(({ kind }) => kind);

export interface ConnectOptions {
  readonly token: string;
  readonly integrations?: readonly string[];
  readonly scopes?: readonly string[];
  readonly account?: string;
  readonly deny?: boolean;
  readonly withhold?: readonly string[];
}

/** Starts a flow and goes through the provider's pages: what the page then has in its hands. */
export const startFlow = async (stack: TestStack, provider: string, { token, ...options }: ConnectOptions) => {
  const { integrations, scopes, ...choices } = options;
  const started = await stack.call('POST', `/v1/connections/${provider}/authorize`, {
    token,
    body: { ...(scopes ? { scopes } : { integrations }), return_to: stack.demo.returnUrls[0] },
  });
  if (started.status !== 200) throw new Error(`authorize: ${JSON.stringify(started.body)}`);
  stack.challenges.add(new URL(started.body.authorization_url).searchParams.get('code_challenge') ?? '');
  const callbackUrl = await consent(started.body.authorization_url, choices);
  const { flow, flow_id: flowId } = started.body as { flow: string; flow_id: string };
  return { authorizationUrl: new URL(started.body.authorization_url), callbackUrl: new URL(callbackUrl), flow, flowId };
};

/** Follows the provider's redirect; the fragment's parameters. */
export const followCallback = async (stack: TestStack, callbackUrl: URL): Promise<URLSearchParams> => {
  const answer = await stack.call('GET', callbackUrl.pathname + callbackUrl.search);
  if (answer.status !== 303) throw new Error(`callback: ${answer.status}`);
  const fragment = new URLSearchParams(new URL(answer.headers.get('location') ?? '').hash.slice(1));
  checkSchema('CallbackFragment', Object.fromEntries(fragment));
  return fragment;
};

/** The whole flow. */
export const connect = async (stack: TestStack, provider: string, options: ConnectOptions): Promise<TestAnswer> => {
  const { callbackUrl, flow } = await startFlow(stack, provider, options);
  const fragment = await followCallback(stack, callbackUrl);
  return stack.call('POST', `/v1/connections/${provider}/complete`, {
    token: options.token,
    body: { ticket: fragment.get('ticket') ?? '', flow },
  });
};
