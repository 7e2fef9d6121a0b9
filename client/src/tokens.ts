/** Access tokens of the code flow, by what they were asked for: in memory, or in this tab's session storage too. */
import { alone } from './alone.ts';
import type { TokenAnswer } from './contract.ts';
import { BrokerError, BrokerUnavailableError, SessionRequiredError } from './errors.ts';
import type { FlowContext, TokenOptions } from './flow.ts';
import type { Call } from './session.ts';
import { read, write } from './storage.ts';
import { until } from './until.ts';

/** Times are the clock's, in milliseconds since the epoch: timers stand still in a tab that sleeps. */
interface Held {
  readonly token: string;
  readonly goodUntil: number;
  readonly renewAt: number;
}

/** What one user has. The next user gets a new one; what is still under way for the former is lost with it. */
interface Drawer {
  user: string;
  /** The same user, as the broker names it in its answers. */
  key?: string | undefined;
  readonly held: Record<string, Held>;
  readonly pending: Record<string, Promise<string>>;
  /** The user has gone. */
  isOver?: boolean;
}

/** Handed out until shortly before its end; renewed after 80 to 90 % of its life, so that tabs do not do it all at once. */
const holding = (token: string, seconds: number, asked: number): Held => ({
  token,
  goodUntil: asked + seconds * 1000 - Math.min(30_000, seconds * 100),
  renewAt: asked + seconds * (800 + 100 * Math.random()),
});

const TRIES = 4;
const WAIT_AT_MOST_SECONDS = 5;

/** Another process of the broker is at it: it takes a moment. Everything else is the caller's to decide. */
const patiently = async <T>(work: () => Promise<T>, tries = TRIES): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    const { code, retryAfter = 1 } = error as BrokerUnavailableError;
    if (code !== 'refresh_in_progress' || tries === 1 || retryAfter > WAIT_AT_MOST_SECONDS) throw error;
    await new Promise((resolve) => setTimeout(resolve, retryAfter * (1000 + 500 * Math.random())));
    return patiently(work, tries - 1);
  }
};

export const createTokens = ({ baseUrl, user: identify, changed }: FlowContext, call: Call, isStored: boolean) => {
  const place = `token-broker:tokens:${baseUrl}`;
  const stored = isStored ? read(place) : undefined;
  let drawer: Drawer = { user: '', ...stored, held: stored?.held ?? {}, pending: {} };

  const save = () => {
    if (isStored) write(place, { user: drawer.user, key: drawer.key, held: drawer.held });
  };

  const forget = (isOver: boolean, user = drawer.user) => {
    drawer.isOver = isOver;
    drawer = { user, held: {}, pending: {} };
    save();
  };

  /** The drawer of whoever is signed in now: a token of the user before is out of reach from here on. */
  const own = async (): Promise<Drawer> => {
    const user = await identify();
    if (user !== drawer.user) forget(true, user);
    return drawer;
  };

  const request = async (mine: Drawer, key: string, provider: string, body: object): Promise<string> => {
    const asked = Date.now();
    try {
      const path = `/connections/${provider}/token`;
      const { access_token, expires_in, user: whose } = await call<TokenAnswer>('POST', path, body, mine.user);
      await own();
      // A cookie that became another user's: this page cannot see it, the answer shows it.
      if (!mine.isOver && mine.key && whose && mine.key !== whose) forget(true);
      mine.key = whose;
      if (mine.isOver) throw new SessionRequiredError({ code: 'login_required' });
      mine.held[key] = holding(access_token, expires_in, asked);
      save();
      return access_token;
    } catch (error) {
      // Refused: what is held is not to be used either. Unavailable: it is all there is.
      if (mine.held[key] && error instanceof BrokerError && !(error instanceof BrokerUnavailableError)) {
        delete mine.held[key];
        save();
        changed();
      }
      throw error;
    }
  };

  return {
    forget,
    async get({ provider, forceRefresh, claims, signal, ...wanted }: TokenOptions): Promise<string> {
      signal?.throwIfAborted();
      const mine = await own();
      const key = JSON.stringify([provider, wanted]);
      const renew = (): Promise<string> => {
        const id = key + claims;
        // One request at a time and provider among all tabs; each gets its own token, none is passed on.
        mine.pending[id] ??= alone(`token-broker:${baseUrl}:${provider}`, () =>
          patiently(() => request(mine, key, provider, { ...wanted, claims })),
        ).finally(() => delete mine.pending[id]);
        return mine.pending[id];
      };
      const held = mine.held[key];
      const now = Date.now();
      if (!held || claims || forceRefresh === true || forceRefresh === held.token || now >= held.goodUntil) {
        return until(renew(), signal);
      }
      if (now >= held.renewAt) renew().catch(() => {});
      return held.token;
    },
  };
};
