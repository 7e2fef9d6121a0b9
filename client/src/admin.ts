/** What an organization's admins see and change. The session has to carry the broker's admin role. */
import type { AdminProvider, Policy, PolicyEffect } from './contract.ts';
import { createExchange, type Session } from './session.ts';

export type { AdminProvider, Policy, PolicyEffect } from './contract.ts';

export interface TaggedPolicy {
  readonly policy: Policy;
  /** Names exactly this content: `setPolicy` changes no other. */
  readonly tag: string;
}

/** Every method throws `BrokerError` and its kinds; with the code `forbidden` where the user is no admin. */
export interface Admin {
  /** Every configured provider, and how much it is used. */
  integrations(): Promise<readonly AdminProvider[]>;
  policy(): Promise<TaggedPolicy>;
  /** What `setPolicy` would do; nothing is changed. Providers that nothing happens to are not named. */
  preview(policy: Policy): Promise<readonly PolicyEffect[]>;
  /** Throws `BrokerError` with the code `precondition_failed` where somebody else has changed it meanwhile. */
  setPolicy(policy: Policy, tag: string): Promise<TaggedPolicy>;
}

/** @param options `baseUrl`: the broker's origin; empty where it is this page's */
export const createAdmin = (options: Session & { readonly baseUrl: string }): Admin => {
  const exchange = createExchange(options.baseUrl, options);
  const tagged = ([policy, headers]: readonly [Policy, Headers]): TaggedPolicy => ({
    policy,
    tag: headers.get('ETag') ?? '',
  });
  return {
    integrations: async () =>
      (await exchange<{ providers: AdminProvider[] }>('GET', '/admin/integrations'))[0].providers,
    policy: async () => tagged(await exchange<Policy>('GET', '/admin/policy')),
    preview: async (policy) =>
      (await exchange<{ providers: PolicyEffect[] }>('POST', '/admin/policy/preview', policy))[0].providers,
    setPolicy: async (policy, tag) =>
      tagged(await exchange<Policy>('PUT', '/admin/policy', policy, { 'If-Match': tag })),
  };
};
