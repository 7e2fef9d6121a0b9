import {
  endSessions,
  redeem,
  renew,
  type Session,
  type SessionDependencies,
  signOut,
  signOutEverywhere,
} from '../core/sessions.ts';
import { type Answer, noContent, ok } from '../http/answer.ts';
import { RENEWAL_COOKIE, setCookie, takeCookie } from '../http/cookies.ts';
import type { components } from '../http/generated/types.ts';
import { type Operation, renewalOperation, type Services, type Sessions, serviceOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';

export interface SessionOperations {
  readonly sessions: SessionDependencies;
  readonly services: Services;
  readonly origins: Sessions['origins'];
  /** Absent: no cookie is a session, and no browser renews one. */
  readonly cookie?: string | undefined;
}

export const sessionOperations = ({ sessions, services, origins, cookie }: SessionOperations): Operation[] => {
  const takeCookies = [takeCookie(RENEWAL_COOKIE, 'Lax'), ...(cookie ? [takeCookie(cookie, 'Strict')] : [])];
  const ended = () => ({ ...problem('session_ended'), cookies: takeCookies });
  const signedOut = (): Answer<never> => ({ ...noContent(), cookies: takeCookies });

  return [
    renewalOperation('renewSession', { origins }, async ({ renewalToken }) => {
      const session = cookie && (await renew(sessions, { token: renewalToken, holder: 'browser' }));
      if (!cookie || !session) return ended();
      return {
        ...ok({ user: userBody(session), expires_in: session.expiresIn }),
        cookies: [setCookie(cookie, session.token, 'Strict', session.expiresIn)],
      };
    }),
    renewalOperation('signOut', { origins }, async ({ renewalToken }) => {
      await signOut(sessions, { token: renewalToken, holder: 'browser' });
      return signedOut();
    }),
    renewalOperation('signOutEverywhere', { origins }, async ({ renewalToken }) =>
      (await signOutEverywhere(sessions, renewalToken)) ? signedOut() : ended(),
    ),
    serviceOperation(
      'redeemSignIn',
      services,
      async ({ service, body: { code, verifier } }) => {
        const session = await redeem(sessions, { code, verifier, tenant: service.tenant });
        if (!session) return problem('invalid_state');
        return ok({ ...backendBody(session), renewal_token: session.renewalToken });
      },
      ({ body }) => body.code,
    ),
    serviceOperation(
      'renewForBackend',
      services,
      async ({ service, body }) => {
        const asked = { token: body.renewal_token, holder: 'backend', tenant: service.tenant } as const;
        const session = await renew(sessions, asked);
        return session ? ok(backendBody(session)) : problem('session_ended');
      },
      ({ body }) => body.renewal_token,
    ),
    serviceOperation(
      'endForBackend',
      services,
      async ({ service, body }) => {
        await signOut(sessions, { token: body.renewal_token, holder: 'backend', tenant: service.tenant });
        return noContent();
      },
      ({ body }) => body.renewal_token,
    ),
    serviceOperation('endUserSessions', services, async ({ service, path: { tenant, user } }) => {
      if (service.tenant !== tenant) return problem('forbidden');
      await endSessions(sessions, { tenant, user });
      return noContent();
    }),
  ];
};

const userBody = ({ user: { user, roles, ...rest } }: Session): components['schemas']['SignedInUser'] => ({
  id: user,
  ...rest,
  roles: [...roles],
});

const backendBody = (session: Session) => ({
  user: userBody(session),
  expires_in: session.expiresIn,
  session_token: session.token,
});
