import { finishSignIn, type SignInDependencies, startSignIn } from '../core/sign-in.ts';
import { seeOther } from '../http/answer.ts';
import { cookieIn, RENEWAL_COOKIE, SIGN_IN_COOKIE, setCookie, takeCookie } from '../http/cookies.ts';
import { failureOf } from '../http/failures.ts';
import { type Operation, publicOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';
import { refusalPage } from './pages.ts';

export const signInOperations = (dependencies: SignInDependencies): Operation[] => [
  publicOperation('startSignIn', async ({ path: { provider }, query }) => {
    const request = readStart(query);
    if (typeof request === 'string') return problem('invalid_request', { detail: request });
    const outcome = await startSignIn(dependencies, { provider, ...request });
    switch (outcome.kind) {
      case 'started':
        return {
          ...seeOther(outcome.location),
          cookies: [setCookie(SIGN_IN_COOKIE, outcome.flow, 'Lax', outcome.expiresIn)],
        };
      case 'challenge_missing':
        return problem('invalid_request', { detail: 'challenge is missing.' });
      default:
        return problem(outcome.kind);
    }
  }),

  publicOperation('finishSignIn', async ({ path: { provider }, query, headers }) => {
    const outcome = await finishSignIn(dependencies, {
      provider,
      query,
      flow: cookieIn(headers, SIGN_IN_COOKIE),
      renewalToken: cookieIn(headers, RENEWAL_COOKIE),
    });
    switch (outcome.kind) {
      case 'back': {
        const { location, renewalToken: token } = outcome;
        const renewal = token ? [setCookie(RENEWAL_COOKIE, token, 'Lax', dependencies.limits.sessionSeconds)] : [];
        return { ...seeOther(location), cookies: [FLOW_OVER, ...renewal] };
      }
      case 'refused':
        // What was not this browser's own flow leaves that one alone.
        return { ...refusalPage(outcome), ...(outcome.backTo ? { cookies: [FLOW_OVER] } : {}) };
      case 'unavailable': {
        const { answer, event } = failureOf(outcome.error);
        dependencies.observe(event);
        const page = refusalPage({ code: 'temporarily_unavailable', backTo: outcome.backTo });
        return { ...page, headers: { ...answer.headers, ...page.headers }, cookies: [FLOW_OVER] };
      }
      default:
        return problem(outcome.kind);
    }
  }),
];

const FLOW_OVER = takeCookie(SIGN_IN_COOKIE, 'Lax');

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
