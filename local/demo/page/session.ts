/** The host product's session, as its own page sees it: a cookie it cannot read, and short-lived tokens for the broker. */
export interface User {
  readonly user: string;
  readonly tenant: string;
  /** Of who signed in with a provider. */
  readonly name?: string;
}

interface SessionAnswer extends User {
  readonly token: string;
  /** Seconds. */
  readonly expires_in: number;
}

/** Nobody is signed in any more, or somebody else is. */
export class SessionOver extends Error {
  override readonly name = 'SessionOver';
}

/** A token with less time than this is renewed first. */
const MARGIN_MS = 30_000;

export const createSession = (fetch: typeof globalThis.fetch) => {
  let current: { readonly user: User; readonly token: string; readonly renewAt: number } | undefined;

  const load = async (init: RequestInit, path = '/session'): Promise<User | undefined> => {
    const response = await fetch(path, init);
    // 204: nobody is signed in.
    if (!response.ok || response.status === 204) return undefined;
    const { token, expires_in, ...user }: SessionAnswer = await response.json();
    current = { user, token, renewAt: Date.now() + expires_in * 1000 - MARGIN_MS };
    return current.user;
  };

  return {
    /** Who is signed in, as the cookie says. */
    restore: () => load({ method: 'GET' }),
    signIn: (user: string) =>
      load({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ user }) }),
    /** With what the broker sent this page back with. */
    finishSignIn: (back: { readonly code: string; readonly tenant: string }) =>
      load({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(back) }, '/sign-in'),
    async signOut(): Promise<void> {
      current = undefined;
      await fetch('/session', { method: 'DELETE' });
    },
    /** Throws `SessionOver`. */
    async token(): Promise<string> {
      if (current && Date.now() >= current.renewAt) {
        const before = current.user.user;
        const after = await load({ method: 'GET' });
        // Another tab may have signed in somebody else: what this page shows is then no longer this user's.
        if (after?.user !== before) current = undefined;
      }
      if (!current) throw new SessionOver();
      return current.token;
    },
  };
};
