/** What to ask a provider for, and what came, in flows without the broker. How scopes compare: shared/scopes.ts. */
import { choose, grantedOf, integrationsWith, opened, spelled, unique } from '../../../shared/scopes.ts';
import type { ProviderOffer, Wanted } from '../contract.ts';

export { integrationsOf, missingAfter, without } from '../../../shared/scopes.ts';

/** What is not granted of what is wanted. `undefined`: something of it is not offered. */
export const missingOf = (
  offer: ProviderOffer,
  wanted: Wanted,
  granted: readonly string[],
  withheld?: readonly string[],
): readonly string[] | undefined => choose(offer, wanted, granted, withheld)?.missing;

/** Scopes alone name no level: what belongs to the one that they lead to, and is granted, is asked for with them. */
const completed = ({ integrations }: ProviderOffer, scopes: readonly string[], granted: readonly string[]) => [
  ...scopes,
  ...integrations.flatMap(({ levels }) => {
    const own = scopes.filter((scope) => levels.some((level) => level.scopes.includes(scope)));
    if (!own[0]) return [];
    const kept = levels
      .filter((level) => own.every((scope) => level.scopes.includes(scope)))
      .map((level) => level.scopes.filter((scope) => granted.includes(scope)));
    return kept.reduce((most, each) => (each.length > most.length ? each : most), []);
  }),
];

/**
 * What to ask the provider for: what is wanted, with what is granted already, for the new token takes the place of the
 * old. Levels of one integration are not added up (two of Gmail's must not meet). `undefined`: not offered.
 */
export const askFor = (
  offer: ProviderOffer,
  wanted: Wanted,
  granted: readonly string[],
  withheld?: readonly string[],
): string[] | undefined => {
  const chosen = choose(offer, wanted, granted, withheld);
  if (!chosen) return undefined;
  const asked = 'scopes' in wanted ? completed(offer, chosen.ask, spelled(offer, granted)) : chosen.ask;
  const touched = asked.flatMap((scope) => integrationsWith(offer, scope));
  const others = opened(offer, granted).filter(({ name }) => !touched.includes(name));
  // A refresh token has no place in a browser (S57).
  return unique([...asked, ...others.flatMap(({ ask }) => ask)]).filter((scope) => scope !== 'offline_access');
};

/**
 * What a token carries of what the configuration offers, by the provider's answer: that may be less than was asked for, or
 * more (Microsoft names all that the user has consented to). @param answered `undefined`: as asked for
 */
export const carried = (
  offer: ProviderOffer,
  asked: readonly string[],
  answered: readonly string[] | undefined,
): string[] => {
  const granted = grantedOf(offer, answered ?? asked);
  return unique([...asked, ...granted]).filter((scope) => granted.includes(scope) && integrationsWith(offer, scope)[0]);
};
