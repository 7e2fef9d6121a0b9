/**
 * The product's backend for users who sign in with a provider: it sends them to the broker, redeems the code they come back
 * with, and renews and ends the broker's session. The secrets of it never reach a page.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { components } from '../../functions/http/generated/types.ts';

type RedeemedSession = components['schemas']['RedeemedSession'];

/** Somebody who is signed in; with `renewalToken` by way of the broker. */
export interface Person {
  readonly user: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly name?: string;
  readonly renewalToken?: string;
}

export interface SignInOptions {
  /** The broker's origin. */
  readonly broker: () => string;
  /** The registered page that users come back to. */
  readonly returnTo: string;
  readonly serviceToken: (tenant: string) => Promise<string>;
}

/** The broker keeps a sign-in for ten minutes. */
const KEEP_MS = 600_000;

export const createSignIn = ({ broker, returnTo, serviceToken }: SignInOptions) => {
  const verifiers = new Map<string, { readonly verifier: string; readonly until: number }>();

  const call = async (path: string, tenant: string, body: object): Promise<Response> =>
    fetch(`${broker()}/v1${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await serviceToken(tenant)}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });

  return {
    /** @returns what to keep with the browser, and where to send it */
    begin: (provider: string): { readonly id: string; readonly location: string } => {
      const [id, verifier] = [randomUUID(), randomBytes(32).toString('base64url')];
      for (const [key, { until }] of verifiers) if (until < Date.now()) verifiers.delete(key);
      verifiers.set(id, { verifier, until: Date.now() + KEEP_MS });
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      const query = new URLSearchParams({ return_to: returnTo, challenge });
      return { id, location: `${broker()}/v1/sso/${encodeURIComponent(provider)}/start?${query}` };
    },

    /** `id`: of the browser that comes back. `undefined`: another one began, or the broker refuses. */
    finish: async (id: string, { code, tenant }: { code: string; tenant: string }): Promise<Person | undefined> => {
      const verifier = verifiers.get(id)?.verifier;
      verifiers.delete(id);
      if (verifier === undefined) return undefined;
      const answer = await call('/sessions', tenant, { code, verifier });
      if (!answer.ok) return undefined;
      const { user, renewal_token: renewalToken } = (await answer.json()) as RedeemedSession;
      return { user: user.id, tenant: user.tenant, roles: user.roles, name: user.name ?? user.id, renewalToken };
    },

    /** Whether the broker still knows the session; who signed in without it needs no leave. */
    isAlive: async ({ tenant, renewalToken }: Person): Promise<boolean> =>
      renewalToken === undefined || (await call('/sessions/renew', tenant, { renewal_token: renewalToken })).ok,

    end: async ({ tenant, renewalToken }: Person): Promise<void> => {
      if (renewalToken !== undefined) await call('/sessions/end', tenant, { renewal_token: renewalToken });
    },
  };
};
