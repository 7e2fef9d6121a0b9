import { finishSignIn, type SignInDependencies, startSignIn } from '../core/sign-in.ts';
import { seeOther } from '../http/answer.ts';
import {
  cookieIn,
  RENEWAL_COOKIE,
  setCookie,
  signInCookie,
  surplusSignInCookies,
  takeCookie,
} from '../http/cookies.ts';
import { failureOf } from '../http/failures.ts';
import { homeOf } from '../http/navigation.ts';
import { type Operation, publicOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';
import { refusalPage } from './pages.ts';

export const signInOperations = (dependencies: SignInDependencies): Operation[] => [
  publicOperation('startSignIn', async ({ path: { provider }, query, headers }) => {
    const request = readStart(query);
    if (typeof request === 'string') return problem('invalid_request', { detail: request });
    const outcome = await startSignIn(dependencies, { provider, ...request });
    switch (outcome.kind) {
      case 'started':
        return {
          ...seeOther(outcome.location),
          cookies: [
            ...surplusSignInCookies(headers).map((name) => takeCookie(name, 'Lax')),
            setCookie(signInCookie(outcome.state), outcome.flow, 'Lax', outcome.expiresIn),
          ],
        };
      case 'challenge_missing':
        return problem('invalid_request', { detail: 'challenge is missing.' });
      default:
        return problem(outcome.kind);
    }
  }),

  publicOperation('finishSignIn', async ({ path: { provider }, query, headers }) => {
    const cookie = signInCookie(query.get('state') ?? '');
    const over = takeCookie(cookie, 'Lax');
    const outcome = await finishSignIn(dependencies, {
      provider,
      query,
      flow: cookieIn(headers, cookie),
      renewalToken: cookieIn(headers, RENEWAL_COOKIE),
    });
    switch (outcome.kind) {
      case 'back': {
        const { location, renewalToken: token } = outcome;
        const renewal = token ? [setCookie(RENEWAL_COOKIE, token, 'Lax', dependencies.limits.sessionSeconds)] : [];
        return { ...seeOther(location), cookies: [over, ...renewal] };
      }
      case 'refused':
        // What is no flow of this browser ends none.
        return outcome.backTo === undefined
          ? refusalPage({ code: outcome.code, backTo: homeOf(dependencies.returnUrls) })
          : { ...refusalPage(outcome), cookies: [over] };
      case 'unavailable': {
        const { answer, event } = failureOf(outcome.error);
        dependencies.observe(event);
        const page = refusalPage({ code: 'temporarily_unavailable', backTo: outcome.backTo });
        return { ...page, headers: { ...answer.headers, ...page.headers }, cookies: [over] };
      }
      default:
        return problem(outcome.kind);
    }
  }),
];

/** `Subject` and `Challenge` in openapi.yaml. */
const TENANT = /^[\s\S]{1,256}$/;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** @returns what is wrong with a parameter as a sentence, without its value */
const readStart = (query: URLSearchParams) => {
  const names = [...query.keys()];
  const [returnTo, tenant, challenge] = ['return_to', 'tenant', 'challenge'].map((name) => query.get(name));
  if (new Set(names).size < names.length) return 'Give each parameter at most once.';
  if (!returnTo) return 'return_to is missing.';
  if (tenant != null && !TENANT.test(tenant)) return 'tenant must have 1 to 256 characters.';
  if (challenge != null && !CHALLENGE.test(challenge)) return 'challenge must be 43 characters of base64url (S256).';
  return { returnTo, ...(tenant ? { tenant } : {}), ...(challenge ? { challenge } : {}) };
};
