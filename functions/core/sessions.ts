/**
 * What outlives a session's five minutes: the record that renewing reads and signing out deletes. Who renews shows a random
 * token, of which only the hash is stored. It stays the same from sign-in to sign-out: two tabs may renew at once.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from './clock.ts';
import { digest, randomId } from './flow.ts';
import type { Owner } from './identity.ts';
import { type Organization, rolesOf } from './organizations.ts';
import type { Observe } from './ports.ts';
import { issueSession, SESSION_TOKEN_SECONDS, type SessionIssuer } from './session-token.ts';

/** Seconds from a sign-in to its code being redeemed. */
export const CODE_SECONDS = 60;

/** Who may renew it: the browser by its cookie, or the host product's backend. */
export type Holder = 'browser' | 'backend';

/** Times in milliseconds since the epoch. */
export interface SessionRecord extends Owner {
  readonly holder: Holder;
  readonly renewedAt: number;
  readonly expiresAt: number;
}

/** The code of a sign-in, waiting for the backend. */
export interface HandOver extends Owner {
  /** `digest` of the secret that redeems it. */
  readonly challenge: string;
  readonly expiresAt: number;
}

export interface UserRecord {
  readonly name?: string;
  readonly email?: string;
  /** The directory listed the user when they signed in. */
  readonly inDirectory: boolean;
}

/** Ids are hashes of what their holders show. Every method throws `Unavailable` when the database does not answer. */
export interface SessionStore {
  create(id: string, session: SessionRecord): Promise<void>;
  /** With the record of its user, where there still is one. */
  read(id: string): Promise<{ readonly session: SessionRecord; readonly user?: UserRecord } | undefined>;
  /** `false`: the session was ended meanwhile, and stays so. */
  touch(id: string, renewedAt: number): Promise<boolean>;
  end(id: string): Promise<void>;
  /** Sessions and codes of the user. */
  endAll(owner: Owner): Promise<void>;
  offer(id: string, handOver: HandOver): Promise<void>;
  readOffer(id: string): Promise<HandOver | undefined>;
  /** Takes the code away and makes the session, both or neither. `false`: somebody else took it. */
  redeem(offerId: string, id: string, session: SessionRecord): Promise<boolean>;
}

export type DirectoryStatus = 'active' | 'suspended';

export interface Directory {
  /** `undefined`: the organization's directory does not list the user, or there is none. Throws `Unavailable`. */
  status(owner: Owner): Promise<DirectoryStatus | undefined>;
  /** The ids of whom it lists with the e-mail address, in any case. Throws `Unavailable`. */
  holders(tenant: string, email: string): Promise<readonly string[]>;
}

export interface SessionLimits {
  /** Seconds from sign-in, however often it is renewed. */
  readonly sessionSeconds: number;
  /** Seconds without renewal. */
  readonly idleSeconds: number;
}

export interface SessionDependencies {
  readonly store: SessionStore;
  readonly directory: Pick<Directory, 'status'>;
  readonly organizations: readonly Organization[];
  readonly issuing: SessionIssuer;
  readonly adminRole: string;
  readonly limits: SessionLimits;
  readonly clock: Clock;
  readonly observe: Observe;
}

export interface Session {
  readonly token: string;
  readonly expiresIn: number;
  readonly user: Owner & { readonly roles: readonly string[] } & Pick<UserRecord, 'name' | 'email'>;
}

/** 256 bits. */
export const newToken = (): string => randomId(32);

export const newSession = (
  owner: Owner,
  holder: Holder,
  { sessionSeconds }: SessionLimits,
  now: number,
): SessionRecord => ({
  tenant: owner.tenant,
  user: owner.user,
  holder,
  renewedAt: now,
  expiresAt: now + sessionSeconds * 1000,
});

/**
 * A fresh session token. `undefined`: signed out, over, of another holder, or of somebody who is not let in any more.
 * @param tenant the only one that will do, for a backend
 */
export const renew = async (
  dependencies: SessionDependencies,
  { token, holder, tenant }: { token: string; holder: Holder; tenant?: string },
): Promise<Session | undefined> => {
  const { store, limits, clock } = dependencies;
  const id = digest(token);
  const found = await store.read(id);
  if (!found || found.session.holder !== holder) return undefined;
  const { session, user } = found;
  const now = clock.now();
  if (tenant !== undefined && session.tenant !== tenant) return undefined;
  if (now >= session.expiresAt || now >= session.renewedAt + limits.idleSeconds * 1000) return undefined;
  const issued = user && (await issueFor(dependencies, session, user));
  // Written last: a sign-out that came before this moment wins.
  return issued && (await store.touch(id, now)) ? issued : undefined;
};

/** A session for a code of a sign-in, once. `undefined`: whatever does not fit. */
export const redeem = async (
  dependencies: SessionDependencies,
  { code, verifier, tenant }: { code: string; verifier: string; tenant: string },
): Promise<(Session & { readonly renewalToken: string }) | undefined> => {
  const { store, limits, clock, observe } = dependencies;
  const offerId = digest(code);
  const offer = await store.readOffer(offerId);
  if (!offer || offer.tenant !== tenant || clock.now() >= offer.expiresAt) return undefined;
  if (!isSame(digest(verifier), offer.challenge)) return undefined;
  const renewalToken = newToken();
  const id = digest(renewalToken);
  if (!(await store.redeem(offerId, id, newSession(offer, 'backend', limits, clock.now())))) return undefined;
  const found = await store.read(id);
  const issued = found?.user && (await issueFor(dependencies, found.session, found.user));
  if (!issued) return undefined;
  observe({ event: 'sign_in_redeemed', tenant });
  return { ...issued, renewalToken };
};

/** Idempotent. A backend ends sessions of its own tenant only. */
export const signOut = async (
  { store, observe }: Pick<SessionDependencies, 'store' | 'observe'>,
  { token, holder, tenant }: { token: string; holder: Holder; tenant?: string },
): Promise<void> => {
  const id = digest(token);
  const session = (await store.read(id))?.session;
  if (!session || session.holder !== holder || (tenant !== undefined && session.tenant !== tenant)) return;
  await store.end(id);
  observe({ event: 'signed_out', tenant: session.tenant });
};

/** Ends every session of the user whose token this is. `false`: it is nobody's any more. */
export const signOutEverywhere = async (
  dependencies: Pick<SessionDependencies, 'store' | 'limits' | 'clock' | 'observe'>,
  token: string,
): Promise<boolean> => {
  const { store, limits, clock } = dependencies;
  const session = (await store.read(digest(token)))?.session;
  const now = clock.now();
  if (session?.holder !== 'browser') return false;
  if (now >= session.expiresAt || now >= session.renewedAt + limits.idleSeconds * 1000) return false;
  await endSessions(dependencies, session);
  return true;
};

export const endSessions = async (
  { store, observe }: Pick<SessionDependencies, 'store' | 'observe'>,
  owner: Owner,
): Promise<void> => {
  await store.endAll(owner);
  observe({ event: 'signed_out_everywhere', tenant: owner.tenant });
};

/** Signs for who is still let in. */
const issueFor = async (
  { directory, organizations, issuing, adminRole }: SessionDependencies,
  { tenant, user }: Owner,
  record: UserRecord,
): Promise<Session | undefined> => {
  const organization = organizations.find((each) => each.tenant === tenant);
  if (!organization) return undefined;
  if (directoryRefusal(organization, await directory.status({ tenant, user }), record)) return undefined;
  const roles = rolesOf(organization, user, adminRole);
  const { name, email } = record;
  return {
    token: await issueSession(issuing, { tenant, user, roles }),
    expiresIn: SESSION_TOKEN_SECONDS,
    user: { tenant, user, roles, ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) },
  };
};

/** What the organization's directory says against a user. Who came from it goes with it, also where others need not be in it. */
export const directoryRefusal = (
  { firstSignIn }: Organization,
  status: DirectoryStatus | undefined,
  known: UserRecord | undefined,
): 'not_in_directory' | 'user_suspended' | undefined => {
  if (status === 'suspended') return 'user_suspended';
  const mustBeListed = firstSignIn === 'directory_only' || known?.inDirectory === true;
  return status === undefined && mustBeListed ? 'not_in_directory' : undefined;
};

/** Of two hashes, in constant time. */
const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
