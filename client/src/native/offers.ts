/** What the organization lets an app on this platform do, as the broker says it: asked anew after five minutes. */
import type { Config, ProviderOffer } from '../contract.ts';
import { IntegrationDisabledError } from '../errors.ts';
import type { Call } from '../session.ts';

export type Platform = 'ios' | 'android' | 'desktop';

const KEEP_MS = 300_000;

export const createOffers = (call: Call, platform: Platform) => {
  let known: { readonly user: string; readonly config: Promise<Config>; readonly until: number } | undefined;

  const config = (user: string, isFresh = false): Promise<Config> => {
    if (!isFresh && known?.user === user && Date.now() < known.until) return known.config;
    const config = call<Config>('GET', `/config?platform=${platform}`);
    const mine = { user, config, until: Date.now() + KEEP_MS };
    known = mine;
    config.catch(() => {
      if (known === mine) known = undefined;
    });
    return config;
  };

  return {
    config,
    /** Throws `IntegrationDisabledError` where the provider is switched off, or has no client for this platform. */
    async of(user: string, provider: string, isFresh = false): Promise<ProviderOffer> {
      const find = ({ providers }: Config) =>
        providers.find((each) => each.provider === provider && each.flow === 'native');
      const known = find(await config(user, isFresh));
      // The broker could not look its endpoints up; by now it may.
      const offer = known && !known.client && !isFresh ? find(await config(user, true)) : known;
      if (!offer) throw new IntegrationDisabledError({ code: 'integration_disabled', provider });
      return offer;
    },
  };
};
