/**
 * Who is signed in, as the broker knows it: by the claims that it takes from the session token and by no other. What differs
 * from token to token (`jti`, `fva`, `auth_time`, the order of roles) makes no other user.
 */
import type { Config } from './contract.ts';
import { BrokerError, SessionRequiredError } from './errors.ts';
import { answerOfHost, createExchange, type Session, tokenOf } from './session.ts';
import { read, write } from './storage.ts';

type Claims = Readonly<Record<string, unknown>>;
type Places = Config['session']['claims'];

/** What the broker said last, in this tab's session storage: it names claims, and nobody. */
interface Rule {
  readonly places: Places;
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
}

export interface Identity {
  /** Text that differs where user or organization differ, and stays while the host renews the session. */
  user(): Promise<string>;
  /** Whose session token this is. */
  userOf(token: string): Promise<string>;
  /** What an answer of the broker says about the claims. */
  learn(session: Config['session'] | undefined): void;
}

/** The claims are an operator's setting: a page that stays open learns of a change. */
const FRESH_MS = 3_600_000;
/** While the broker is away it is not asked for every token. */
const PAUSE_MS = 60_000;
/** Session tokens of one `user()`: a host may make a new one for each call. */
const TRIES = 3;

/** `undefined`: not a signed JWT, or not one that can be read. */
const claimsIn = (token: string): Claims | undefined => {
  const [, payload, signature, ...more] = token.split('.');
  if (!payload || !signature || more[0] !== undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (each) =>
      each.charCodeAt(0),
    );
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
};

const at = (claims: Claims, place: readonly string[]): unknown =>
  place.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Claims)[name] : null,
    claims,
  );

/** For a broker that does not name the claims: whatever is not a time makes another user. */
const withoutTimes = ({ exp, iat, nbf, jti, ...others }: Claims): string => JSON.stringify(others);

export const createIdentity = (baseUrl: string, from: Session): Identity => {
  const storagePlace = `token-broker:session:${baseUrl}`;
  let rule: Rule | undefined = restored(storagePlace);
  let last: { readonly token: string; readonly user: string } | undefined;
  const asking: { token?: string; answer?: Promise<Config['session'] | undefined> } = {};

  const put = (places: Places, askedAt: number) => {
    if (rule && JSON.stringify(rule.places) !== JSON.stringify(places)) last = undefined;
    rule = { places, askedAt };
    write(storagePlace, rule);
  };
  const learn = (session: Config['session'] | undefined) => {
    if (session) put(session.claims, Date.now());
  };

  /** Callers at the same time share a request. */
  const ask = (token: string): Promise<Config['session'] | undefined> => {
    if (asking.token !== token || !asking.answer) {
      asking.token = token;
      const answer = createExchange(baseUrl, { session: () => token })<Config>('GET', '/config').then(
        ([{ session }]) => {
          learn(session);
          return session;
        },
      );
      asking.answer = answer;
      const over = () => {
        if (asking.answer === answer) delete asking.answer;
      };
      answer.then(over, over);
    }
    return asking.answer;
  };

  const placesFor = async (token: string): Promise<Places | undefined> => {
    if (rule && Date.now() < rule.askedAt + FRESH_MS) return rule.places;
    const known = rule;
    try {
      return (await ask(token))?.claims;
    } catch (error) {
      if (!known || !(error instanceof BrokerError)) throw error;
      put(known.places, Date.now() - FRESH_MS + PAUSE_MS);
      return known.places;
    }
  };

  const read = async (token: string): Promise<string> => {
    const claims = claimsIn(token);
    // Opaque to this page: the broker, or what stands before it, can read it.
    if (!claims) return (await ask(token))?.user ?? token;
    const places = await placesFor(token);
    return places ? JSON.stringify(places.map((place) => at(claims, place))) : withoutTimes(claims);
  };

  const userOf = async (token: string): Promise<string> => {
    if (last?.token === token) return last.user;
    const user = await read(token);
    last = { token, user };
    return user;
  };

  /** Without a request, so that nobody can sign in meanwhile. */
  const isKnown = (token: string) =>
    last?.token === token || (claimsIn(token) !== undefined && !!rule && Date.now() < rule.askedAt + FRESH_MS);

  return {
    userOf,
    learn,
    async user() {
      if (from.session === 'cookie') return answerOfHost(from.user());
      let before: string | undefined;
      for (let tries = 0; tries < TRIES; tries += 1) {
        const token = await tokenOf(from.session);
        const known = isKnown(token);
        const user = await userOf(token);
        // While the broker was asked, somebody else may have signed in: the session of now is what counts.
        if (known || user === before) return user;
        before = user;
      }
      throw new SessionRequiredError({ code: 'session_mismatch' });
    },
  };
};

const restored = (place: string): Rule | undefined => {
  const kept: Rule | undefined = read(place);
  return Array.isArray(kept?.places) ? kept : undefined;
};
