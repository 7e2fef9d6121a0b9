/** Stands for a browser that signs in, and for the host product's backend that takes over. */
import { randomBytes } from 'node:crypto';
import { digest } from '../../functions/core/flow.ts';
import type { TestAnswer, TestStack } from './broker.ts';
import { type Choices, consent } from './consent.ts';

export interface SignInBrowser {
  readonly cookies: Map<string, string>;
  /** A request with this browser's cookies, whose answer's cookies it keeps. */
  go(method: string, path: string, headers?: Readonly<Record<string, string>>): Promise<TestAnswer>;
  /** From the start page to the provider's redirect, which is not followed. */
  begin(provider: string, options?: BeginOptions): Promise<URL>;
  /** All of it, by a code for the backend. */
  signIn(provider: string, options?: BeginOptions): Promise<SignedIn>;
}

export interface BeginOptions extends Choices {
  readonly tenant?: string;
  readonly returnTo?: string;
  /** `null`: none. */
  readonly verifier?: string | null;
}

export interface SignedIn {
  readonly answer: TestAnswer;
  readonly fragment: URLSearchParams;
  readonly verifier: string;
}

/** The names of the cookies of sign-ins that are under way. */
export const signInCookies = ({ cookies }: SignInBrowser): string[] =>
  [...cookies.keys()].filter((name) => name.startsWith('__Host-sign-in'));

export const newVerifier = (): string => randomBytes(32).toString('base64url');

export const signInBrowser = (stack: TestStack): SignInBrowser => {
  const cookies = new Map<string, string>();
  const go: SignInBrowser['go'] = async (method, path, headers = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await stack.call(method, path, { headers: { ...(cookie ? { cookie } : {}), ...headers } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };
  const begin: SignInBrowser['begin'] = async (provider, { tenant, returnTo, verifier, ...choices } = {}) => {
    const query = new URLSearchParams({
      return_to: returnTo ?? stack.demo.returnUrls[0] ?? '',
      ...(tenant === undefined ? {} : { tenant }),
      ...(verifier === null ? {} : { challenge: digest(verifier ?? newVerifier()) }),
    });
    const started = await go('GET', `/v1/sso/${provider}/start?${query}`);
    if (started.status !== 303) throw new Error(`start: ${JSON.stringify(started.body)}`);
    const location = started.headers.get('location') ?? '';
    stack.challenges.add(new URL(location).searchParams.get('code_challenge') ?? '');
    return new URL(await consent(location, choices));
  };
  return {
    cookies,
    go,
    begin,
    signIn: async (provider, options = {}) => {
      const verifier = newVerifier();
      const callback = await begin(provider, { verifier, ...options });
      const answer = await go('GET', callback.pathname + callback.search);
      const location = answer.headers.get('location');
      const fragment = new URLSearchParams(location ? new URL(location).hash.slice(1) : '');
      return { answer, fragment, verifier };
    },
  };
};

/** What the host product's backend does with a code. */
export const redeem = async (
  stack: TestStack,
  { fragment, verifier }: SignedIn,
  tenant?: string,
): Promise<TestAnswer> =>
  stack.call('POST', '/v1/sessions', {
    token: await stack.demo.sessions.serviceToken(tenant ?? fragment.get('tenant') ?? ''),
    body: { code: fragment.get('code'), verifier },
  });

/** The whole of it: the backend's session. */
export const signInFor = async (stack: TestStack, provider: string, options?: BeginOptions) => {
  const answer = await redeem(stack, await signInBrowser(stack).signIn(provider, options));
  if (answer.status !== 200) throw new Error(`redeem: ${JSON.stringify(answer.body)}`);
  return answer.body as {
    readonly user: { readonly id: string; readonly tenant: string; readonly roles: string[]; readonly email?: string };
    readonly session_token: string;
    readonly renewal_token: string;
    readonly expires_in: number;
  };
};

/** What the backend does every few minutes, for as long as the user is there. */
export const renewFor = async (
  stack: TestStack,
  { user, renewal_token }: Awaited<ReturnType<typeof signInFor>>,
): Promise<TestAnswer> =>
  stack.call('POST', '/v1/sessions/renew', {
    token: await stack.demo.sessions.serviceToken(user.tenant),
    body: { renewal_token },
  });
