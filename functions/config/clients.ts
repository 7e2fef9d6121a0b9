/** The public clients of a provider: of pages that authorize without the broker, and of native apps. Nothing here is secret. */
import type { AuthorizationFlow } from '../core/policy-form.ts';
import type { ProviderProfile } from '../core/provider.ts';
import { members, none, oneOf, text } from './forms.ts';
import { FormError } from './load.ts';

type Kind = ProviderProfile['kind'];
export type BrowserFlow = Exclude<AuthorizationFlow, 'authorization_code'>;

export interface BrowserClient {
  readonly clientId: string;
  readonly flows: readonly BrowserFlow[];
}

export const PLATFORMS = ['ios', 'android', 'desktop'] as const;
export type Platform = (typeof PLATFORMS)[number];

export interface NativeClient {
  readonly clientId: string;
  /** Absent: the provider's own SDK authorizes (Google's Android clients have none). */
  readonly redirectUri?: string;
}
export type NativeClients = Readonly<Partial<Record<Platform, NativeClient>>>;

/** Google's web clients cannot redeem a code without a secret. */
const SUPPORTED: Readonly<Record<Kind, readonly BrowserFlow[]>> = {
  microsoft: ['browser_code', 'implicit'],
  google: ['implicit'],
  oidc: ['browser_code', 'implicit'],
  oauth2: ['browser_code', 'implicit'],
};
/** The implicit flow is legacy (RFC 9700 section 2.1.2): only the two whose admins ask for it have it by default. */
const OFFERED: typeof SUPPORTED = { ...SUPPORTED, oidc: ['browser_code'], oauth2: ['browser_code'] };

/** `{ "client_id": "…", "flows": ["browser_code"] }` */
export const browserClient = (kind: Kind, value: unknown, name: string): BrowserClient => {
  const { client_id, flows = OFFERED[kind], ...rest } = members(value, name);
  none(rest, name);
  if (!Array.isArray(flows) || flows.length === 0) throw new FormError(`${name}.flows is not a list of flows`);
  const chosen = flows.map((flow) => oneOf(flow, SUPPORTED[kind], `${name}.flows`));
  return { clientId: text(client_id, `${name}.client_id`), flows: [...new Set(chosen)] };
};

/** `{ "ios": { "client_id": "…", "redirect_uri": "…" } }`. @param webClientIds those of browsers and of the broker */
export const nativeClients = (
  kind: Kind,
  webClientIds: readonly unknown[],
  value: unknown,
  name: string,
): NativeClients =>
  Object.fromEntries(
    Object.entries(members(value, name)).map(([key, client]) => {
      const platform = oneOf(key, PLATFORMS, `${name}, a platform of it,`);
      const place = `${name}.${platform}`;
      const { client_id, redirect_uri, ...rest } = members(client, place);
      none(rest, place);
      const clientId = text(client_id, `${place}.client_id`);
      // A code or a token of an app must be worth nothing to the web's client.
      if (webClientIds.includes(clientId))
        throw new FormError(`${place}.client_id is the web's: apps have one of their own`);
      if (redirect_uri === undefined && kind === 'google' && platform === 'android') return [platform, { clientId }];
      const redirectUri = text(redirect_uri, `${place}.redirect_uri`);
      if (!isRedirect(kind, platform, redirectUri)) throw new FormError(`${place}.redirect_uri is none of RFC 8252`);
      return [platform, { clientId, redirectUri }];
    }),
  );

/** `{}`: the same client; `{ "client_id": "…" }`: one of its own, confidential too. */
export const signInClient = (kind: Kind, value: unknown, name: string): { readonly clientId?: string } => {
  if (kind !== 'google' && kind !== 'microsoft') throw new FormError(`${name} is for Google and Microsoft`);
  const { client_id, ...rest } = members(value, name);
  none(rest, name);
  return client_id === undefined ? {} : { clientId: text(client_id, `${name}.client_id`) };
};

/** RFC 8252 section 7: loopback on a desktop; elsewhere claimed https, or a scheme that is a reversed domain name. */
const isRedirect = (kind: Kind, platform: Platform, uri: string): boolean => {
  if (!URL.canParse(uri) || uri.includes('#')) return false;
  if (platform === 'desktop') return /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(\/|$)/.test(uri);
  // Microsoft gives Android apps a scheme without a dot.
  return (
    /^(https:\/\/.|[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:)/i.test(uri) ||
    (kind === 'microsoft' && uri.startsWith('msauth://'))
  );
};
