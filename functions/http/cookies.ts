/** Cookies (RFC 6265bis): this host's own, over TLS, out of reach of scripts (S17). */
import type { IncomingHttpHeaders } from 'node:http';

/** Of a sign-in under way. */
export const SIGN_IN_COOKIE = '__Host-sign-in';
/** Of a browser that has signed in. */
export const RENEWAL_COOKIE = '__Host-renewal';

/** `undefined` where the cookie is not there, is empty, or is there twice: one of them is somebody else's. */
export const cookieIn = ({ cookie = '' }: IncomingHttpHeaders, name: string): string | undefined => {
  const pairs = cookie.split(';').map((pair) => pair.trim());
  const [pair, ...others] = pairs.filter((candidate) => candidate.startsWith(`${name}=`));
  const value = pair?.slice(name.length + 1);
  return value && others.length === 0 ? value : undefined;
};

/** `Lax` comes along when the provider sends the browser back; `Strict` with requests of one's own pages only. */
export const setCookie = (name: string, value: string, sameSite: 'Lax' | 'Strict', seconds: number): string =>
  `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=${sameSite}; Max-Age=${seconds}`;

export const takeCookie = (name: string, sameSite: 'Lax' | 'Strict'): string => setCookie(name, '', sameSite, 0);
