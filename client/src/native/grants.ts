/** What was authorized on this device: one item of the platform's secure storage, of one user. */
import { createTurns } from './turns.ts';

/** The Keychain, or preferences encrypted by a key of the Keystore: docs/native.md. It throws where it is locked. */
export interface SecureStorage {
  /** Nothing, too, where what is there can no longer be decrypted (a backup on another device). */
  get(key: string): Promise<string | null | undefined>;
  /** Settles when it is durable. */
  set(key: string, value: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

export interface Grant {
  /** Empty: it is over, and is known to have been there; or the provider gave none. */
  readonly refreshToken: string;
  readonly scopes: readonly string[];
  /** Asked for last, and not granted. */
  readonly withheld?: readonly string[];
  readonly connectedAt: string;
  readonly updatedAt: string;
}

export interface Held {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly goodUntil: number;
}

/** What one user has. Access tokens are in memory only. */
export interface Drawer {
  readonly user: string;
  readonly grants: Record<string, Grant>;
  readonly held: Record<string, Held>;
}

/** One process has one storage: what is in memory is newer than what a failed write left behind. */
export const createGrants = (storage: SecureStorage, place: string) => {
  const inTurn = createTurns();
  let drawer: Drawer | undefined;
  let isSaved = true;

  const read = async (): Promise<Drawer> => {
    const text = await storage.get(place);
    try {
      const { user, grants } = JSON.parse(text ?? '');
      return { user, grants, held: {} };
    } catch {
      return { user: '', grants: {}, held: {} };
    }
  };

  const save = async ({ user, grants }: Drawer) => {
    isSaved = false;
    await storage.set(place, JSON.stringify({ user, grants }));
    isSaved = true;
  };

  return {
    /** The next user finds nothing of the one before. Throws what the storage throws. */
    of: (user: string): Promise<Drawer> =>
      inTurn(async () => {
        drawer ??= await read();
        if (drawer.user !== user) {
          if (drawer.user) await storage.delete(place);
          drawer = { user, grants: {}, held: {} };
        } else if (!isSaved) await save(drawer);
        return drawer;
      }),

    /**
     * Puts `next` in the place of `former`, which it was made from.
     * @returns `false`: something else is there now, or the user has gone, and nothing was changed
     */
    replace: (mine: Drawer, provider: string, former: Grant | undefined, next: Grant | undefined): Promise<boolean> =>
      inTurn(async () => {
        if (drawer !== mine || mine.grants[provider] !== former) return false;
        delete mine.held[provider];
        if (next) mine.grants[provider] = next;
        else delete mine.grants[provider];
        await save(mine);
        return true;
      }),

    /** Whether `grant` is still what there is. */
    holds: (mine: Drawer, provider: string, grant: Grant): boolean =>
      drawer === mine && mine.grants[provider] === grant,

    forget: (): Promise<void> =>
      inTurn(async () => {
        drawer = { user: '', grants: {}, held: {} };
        isSaved = true;
        await storage.delete(place);
      }),
  };
};
