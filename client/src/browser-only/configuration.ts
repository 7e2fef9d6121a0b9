/** What the organization has switched on, as the broker said it last: in this tab's session storage, of one user. */
import type { Config } from '../contract.ts';
import { BrokerUnavailableError } from '../errors.ts';
import type { FlowContext } from '../flow.ts';
import { read, remove, write } from '../storage.ts';

/** A changed policy is noticed after so long; at once where the broker refuses. */
const FRESH_MS = 300_000;
/** About as long as a token lives: it needs no server, so a broker that is away does not end it. */
const STALE_MS = 3_600_000;
/** While the broker is away it is not asked for every token. */
const PAUSE_MS = 30_000;

interface Known {
  readonly user: string;
  readonly config: Config;
  readonly askedAt: number;
}

export const createConfiguration = ({ baseUrl, config, user }: FlowContext) => {
  const place = `token-broker:config:${baseUrl}`;
  const asking = new Map<string, Promise<Config>>();
  let pausedUntil = 0;

  const ask = async (who: string): Promise<Config> => {
    const askedAt = Date.now();
    const answer = await config(who);
    const known: Known = { user: who, config: answer, askedAt };
    // Whoever signed out or in meanwhile has nothing of this user's put down.
    if ((await user()) === who) write(place, known);
    return answer;
  };
  /** Callers at the same time share a request. */
  const shared = (who: string): Promise<Config> => {
    const answer = asking.get(who) ?? ask(who).finally(() => asking.delete(who));
    asking.set(who, answer);
    return answer;
  };

  return {
    /** By today's policy, or not at all. */
    fresh: async (): Promise<Config> => ask(await user()),
    async get(): Promise<Config> {
      const who = await user();
      const found: Known | undefined = read(place);
      const known = found?.user === who ? found : undefined;
      const now = Date.now();
      if (known && (now < known.askedAt + FRESH_MS || now < pausedUntil)) return known.config;
      return shared(who).catch((error) => {
        if (!known || !(error instanceof BrokerUnavailableError) || now >= known.askedAt + STALE_MS) throw error;
        pausedUntil = now + PAUSE_MS;
        return known.config;
      });
    },
    /** Of whichever user. */
    forget: (): void => remove(place),
  };
};
