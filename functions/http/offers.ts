import type { IntegrationOffer } from '../core/offer.ts';
import type { components } from './generated/types.ts';

export const offerBodies = (offers: readonly IntegrationOffer[]): components['schemas']['IntegrationOffer'][] =>
  offers.map(({ name, levels }) => ({
    name,
    levels: levels.map(({ name, scopes, alternatives }) => ({
      name,
      scopes: [...scopes],
      ...(alternatives ? { alternatives: alternatives.map((each) => [...each]) } : {}),
    })),
  }));
