import type { IntegrationOffer } from '../core/offer.ts';
import type { components } from './generated/types.ts';

export const offerBodies = (offers: readonly IntegrationOffer[]): components['schemas']['IntegrationOffer'][] =>
  offers.map(({ name, levels }) => ({
    name,
    levels: levels.map((level) => ({ name: level.name, scopes: [...level.scopes] })),
  }));
