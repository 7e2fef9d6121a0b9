/** Access tokens from what this device holds: one request at a time and provider, and nothing used before it is stored. */
import type { AuthorizationReason, ProviderOffer } from '../contract.ts';
import { type Asked, AuthorizationRequiredError, BrokerError } from '../errors.ts';
import type { createGrants, Drawer, Held } from './grants.ts';
import { claimsParameter, type createEndpoints } from './provider.ts';
import { createTurns } from './turns.ts';

/** Handed out until a minute before its end, or until nine tenths of its life are over. */
export const holding = (token: string, seconds: number, asked: number): Held => ({
  token,
  goodUntil: asked + (seconds - Math.min(60, seconds / 10)) * 1000,
});

export const refusal = (provider: string, reason: AuthorizationReason, more: object = {}, asked: Asked = {}) =>
  new AuthorizationRequiredError({ code: 'authorization_required', provider, reason, ...more }, asked);

export const createRenewal = (
  grants: ReturnType<typeof createGrants>,
  endpoints: ReturnType<typeof createEndpoints>,
  changed: () => void,
) => {
  const turns: Record<string, ReturnType<typeof createTurns>> = {};
  const pending = new WeakMap<Drawer, Record<string, Promise<string>>>();

  /** Renewal, connecting and disconnecting of one provider never overlap: a single-use token is sent once. */
  const inTurn = <T>(provider: string, work: () => Promise<T>): Promise<T> => {
    turns[provider] ??= createTurns();
    return turns[provider](work);
  };

  const refresh = async (offer: ProviderOffer, mine: Drawer, claims: string | undefined): Promise<string> => {
    const { provider, kind } = offer;
    const grant = mine.grants[provider];
    if (!grant?.refreshToken) throw refusal(provider, grant ? 'grant_dead' : 'no_connection');
    const asked = Date.now();
    const form = { grant_type: 'refresh_token', refresh_token: grant.refreshToken, ...claimsParameter(kind, claims) };
    const answer = await endpoints.token(offer, form);
    const updatedAt = new Date(asked).toISOString();
    if (answer.kind === 'grant_dead') {
      await grants.replace(mine, provider, grant, { ...grant, refreshToken: '', updatedAt });
      changed();
      throw refusal(provider, 'grant_dead');
    }
    if (answer.kind === 'organization_forbids') throw refusal(provider, answer.kind);
    if (answer.kind === 'user_needed') throw refusal(provider, 'user_needed', { claims: answer.claims });
    const { token, seconds, refreshToken = grant.refreshToken } = answer.tokens;
    const next = refreshToken === grant.refreshToken ? grant : { ...grant, refreshToken, updatedAt };
    if (next !== grant) await grants.replace(mine, provider, grant, next);
    // The user left while the provider answered: what it answered belongs to nobody.
    if (!grants.holds(mine, provider, next)) throw refusal(provider, 'no_connection');
    if (!token) throw new BrokerError({ code: 'provider_error' });
    mine.held[provider] = holding(token, seconds, asked);
    return token;
  };

  return {
    inTurn,
    /** Callers who want the same share one request. */
    async renew(offer: ProviderOffer, mine: Drawer, claims: string | undefined, wanted: Asked): Promise<string> {
      const mineNow = pending.get(mine) ?? {};
      pending.set(mine, mineNow);
      const id = `${offer.provider} ${claims}`;
      mineNow[id] ??= inTurn(offer.provider, () => refresh(offer, mine, claims)).finally(() => delete mineNow[id]);
      // Each is told what to ask for by what it asked for itself.
      return mineNow[id].catch((error) => {
        throw error instanceof AuthorizationRequiredError
          ? refusal(offer.provider, error.reason, { claims: error.claims }, wanted)
          : error;
      });
    },
  };
};
