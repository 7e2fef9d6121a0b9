/** Cookies (RFC 6265bis): this host's own, over TLS, out of reach of scripts (S17). */
import type { IncomingHttpHeaders } from 'node:http';
import { digest } from '../core/flow.ts';

/** Of a browser that has signed in. */
export const RENEWAL_COOKIE = '__Host-renewal';

const SIGN_IN_COOKIES = '__Host-sign-in-';
/** So many sign-ins of one browser are under way at once, in tabs of their own: about 4 KB of cookies. */
const MAX_SIGN_INS = 5;

/** Of one sign-in under way: tabs that sign in at the same time do not end each other's. */
export const signInCookie = (state: string): string => `${SIGN_IN_COOKIES}${digest(state).slice(0, 16)}`;

const pairsOf = ({ cookie = '' }: IncomingHttpHeaders): string[] => cookie.split(';').map((pair) => pair.trim());

/** Those that make room for one more. Browsers send the oldest first (RFC 6265 section 5.4). */
export const surplusSignInCookies = (headers: IncomingHttpHeaders): string[] => {
  const names = pairsOf(headers)
    .map((pair) => pair.split('=', 1)[0] ?? '')
    .filter((name) => /^__Host-sign-in-[\w-]{16}$/.test(name));
  const distinct = [...new Set(names)];
  return distinct.slice(0, Math.max(0, distinct.length - (MAX_SIGN_INS - 1)));
};

/** `undefined` where the cookie is not there, is empty, or is there twice: one of them is somebody else's. */
export const cookieIn = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const [pair, ...others] = pairsOf(headers).filter((candidate) => candidate.startsWith(`${name}=`));
  const value = pair?.slice(name.length + 1);
  return value && others.length === 0 ? value : undefined;
};

/** `Lax` comes along when the provider sends the browser back; `Strict` with requests of one's own pages only. */
export const setCookie = (name: string, value: string, sameSite: 'Lax' | 'Strict', seconds: number): string =>
  `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=${sameSite}; Max-Age=${seconds}`;

export const takeCookie = (name: string, sameSite: 'Lax' | 'Strict'): string => setCookie(name, '', sameSite, 0);
