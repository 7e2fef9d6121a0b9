/** What was authorized without the broker: in this tab's session storage, of one user. */
import { read, remove, write } from '../storage.ts';

export interface Grant {
  /** Empty: it is over, and is known to have been there. */
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly goodUntil: number;
  readonly scopes: readonly string[];
  /** Asked for last, and not granted. */
  readonly withheld?: readonly string[];
  readonly connectedAt: string;
  readonly updatedAt: string;
}

type Grants = Readonly<Record<string, Grant>>;

export const isGood = ({ token, goodUntil }: Grant): boolean => token !== '' && Date.now() < goodUntil;

/** @param ended is called when a token has run out */
export const createGrants = (baseUrl: string, ended: () => void) => {
  const place = `token-broker:browser-only:${baseUrl}`;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const all = (user: string): Grants => {
    const shelf = read(place);
    return (shelf?.user === user && shelf.grants) || {};
  };
  /** A page that only shows what is authorized learns of the end too. */
  const watch = (grants: Grants) => {
    clearTimeout(timer);
    const next = Math.min(...Object.values(grants).flatMap((grant) => (isGood(grant) ? grant.goodUntil : [])));
    if (Number.isFinite(next)) timer = setTimeout(ended, next - Date.now() + 1);
  };
  const put = (user: string, grants: Grants) => {
    write(place, { user, grants });
    watch(grants);
  };

  return {
    all(user: string): Grants {
      const grants = all(user);
      watch(grants);
      return grants;
    },
    set: (user: string, provider: string, grant: Grant) => put(user, { ...all(user), [provider]: grant }),
    /** Of whichever user. */
    forget(provider?: string): void {
      const shelf = read(place);
      if (!shelf) return;
      const { [provider ?? '']: _, ...others } = shelf.grants;
      if (provider === undefined) remove(place);
      else put(shelf.user, others);
    },
  };
};
