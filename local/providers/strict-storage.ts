/**
 * What the strict provider's library keeps, in memory, with two things of our own: expiry follows the injected clock, and
 * the rotation class decides whether a spent refresh token shows as spent.
 */
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { accountBySubject } from './accounts.ts';
import type { Access } from './pages.ts';
import type { Switches } from './switches.ts';

interface Kept {
  payload: AdapterPayload;
  /** How far the injected clock was ahead of the process's when this was written, milliseconds. */
  ahead: number;
  /** By the injected clock, milliseconds. */
  spentAt?: number;
}

const grantModels = ['AccessToken', 'AuthorizationCode', 'RefreshToken'];

export class StrictStorage {
  readonly #now: () => number;
  readonly #switches: Switches;
  readonly #models = new Map<string, Map<string, Kept>>();

  constructor(now: () => number, switches: Switches) {
    this.#now = now;
    this.#switches = switches;
  }

  #model(name: string): Map<string, Kept> {
    const model = this.#models.get(name) ?? new Map<string, Kept>();
    this.#models.set(name, model);
    return model;
  }

  #ahead(): number {
    return this.#now() - Date.now();
  }

  #showsAsSpent(model: string, spentAt: number): boolean {
    if (model !== 'RefreshToken') return true;
    const { rotation, graceSeconds } = this.#switches;
    return rotation === 'strict' && spentAt + graceSeconds * 1000 <= this.#now();
  }

  /** The library compares `exp` with the process's clock: what the injected one has gained since is taken off. */
  #read(model: string, { payload, ahead, spentAt }: Kept): AdapterPayload {
    const gained = (this.#ahead() - ahead) / 1000;
    const isSpent = spentAt !== undefined && this.#showsAsSpent(model, spentAt);
    return {
      ...payload,
      ...(payload.exp === undefined ? {} : { exp: Math.floor(payload.exp - gained) }),
      ...(isSpent ? { consumed: Math.floor(spentAt / 1000) } : {}),
    };
  }

  adapter(name: string): Adapter {
    const model = this.#model(name);
    const find = async (id: string) => {
      const kept = model.get(id);
      return kept === undefined ? undefined : this.#read(name, kept);
    };
    return {
      find,
      findByUid: async (uid) => {
        const [id] = [...model].find(([, { payload }]) => payload.uid === uid) ?? [];
        return id === undefined ? undefined : find(id);
      },
      findByUserCode: async () => undefined,
      upsert: async (id, payload) => {
        model.set(id, { payload, ahead: this.#ahead() });
      },
      consume: async (id) => {
        const kept = model.get(id);
        if (kept !== undefined) kept.spentAt ??= this.#now();
      },
      destroy: async (id) => {
        model.delete(id);
      },
      revokeByGrantId: async (grantId) => this.#forget(name, (payload) => payload.grantId === grantId),
    };
  }

  #forget(model: string, matches: (payload: AdapterPayload) => boolean): void {
    for (const [id, { payload }] of this.#model(model)) if (matches(payload)) this.#model(model).delete(id);
  }

  /** All that is neither over nor spent. */
  live(model: string): AdapterPayload[] {
    return [...this.#model(model).values()]
      .map((kept) => this.#read(model, kept))
      .filter((payload) => payload.consumed === undefined && (payload.exp ?? 0) * 1000 > Date.now());
  }

  grants(): Access[] {
    return this.live('Grant').flatMap((payload) => {
      const account = accountBySubject(payload.accountId);
      const { openid } = payload as { openid?: { scope?: string } };
      const since = (payload.iat ?? 0) * 1000;
      return account === undefined ? [] : [{ account, since, scopes: openid?.scope?.split(' ') ?? [] }];
    });
  }

  /** Ends the grants of an account and everything that came from them. */
  endGrants(accountId: string): void {
    for (const model of [...grantModels, 'Grant']) this.#forget(model, (payload) => payload.accountId === accountId);
  }

  expire(model: 'AccessToken' | 'RefreshToken', accountId: string | undefined): void {
    for (const kept of this.#model(model).values()) {
      if (accountId !== undefined && kept.payload.accountId !== accountId) continue;
      kept.payload = { ...kept.payload, exp: Math.floor(Date.now() / 1000) };
      kept.ahead = this.#ahead();
    }
  }
}
