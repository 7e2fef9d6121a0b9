/** google-auth-library's client, whose requests go through this process's own HTTP client. */
import type { TokenCall } from '../token-endpoint.ts';
import type { GoogleConfig } from './config.ts';

const load = () => import('google-auth-library');
/** So that the first request does not wait for it. */
export const prepare = () => void load().catch(() => {});

/** A client per request: it holds one user's credentials. */
export const clientOf = async ({ clientId, clientSecret }: GoogleConfig, call: TokenCall) => {
  const { gaxios, OAuth2Client } = await load();
  const transporter = new gaxios.Gaxios();
  // In the place of gaxios's own `request`, which would retry, follow redirects, read proxy variables and load `fetch`.
  transporter.request = async <T>({ data }: { data?: unknown } = {}) =>
    ({ data: (await call.send(String(data))) as T }) as Awaited<ReturnType<typeof transporter.request<T>>>;
  return new OAuth2Client({ clientId, clientSecret, transporter, useAuthRequestParameters: false });
};
