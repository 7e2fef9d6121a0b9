/** Questions about scopes, answered from what the configuration offers (`IntegrationOffer` in openapi.yaml). */
import type { ProviderOffer, Wanted } from '../contract.ts';

type Levels = ProviderOffer['integrations'][number]['levels'];

const unique = (scopes: readonly string[]) => [...new Set(scopes)];

const offeredBy = ({ integrations }: ProviderOffer): string[] =>
  integrations.flatMap(({ levels }) => levels.flatMap(({ scopes }) => scopes));

/** `files:write` names a level and all above it; `files` starts at the lowest. Empty: not offered. */
const levelsFrom = ({ integrations }: ProviderOffer, reference: string): Levels => {
  const [name, level] = reference.split(':');
  const levels = integrations.find((each) => each.name === name)?.levels ?? [];
  const start = level === undefined ? 0 : levels.findIndex((each) => each.name === level);
  return start < 0 ? [] : levels.slice(start);
};

/** The highest level of each integration that the scopes open. */
const opened = ({ integrations }: ProviderOffer, granted: readonly string[]) =>
  integrations.flatMap(({ name, levels }) => {
    const level = levels.findLast(({ scopes }) => scopes.every((scope) => granted.includes(scope)));
    return level
      ? [{ name, level: level.name, scopes: level.scopes, all: levels.flatMap(({ scopes }) => scopes) }]
      : [];
  });

/** As connections name them: `files:write`. */
export const integrationsOf = (offer: ProviderOffer, granted: readonly string[]): string[] =>
  opened(offer, granted).map(({ name, level }) => `${name}:${level}`);

/**
 * What is not granted of what is wanted; an integration is satisfied by its lowest granted level that is high enough.
 * `undefined`: something of it is not offered.
 */
export const missingOf = (
  offer: ProviderOffer,
  wanted: Wanted,
  granted: readonly string[],
): readonly string[] | undefined => {
  const has = (scope: string) => granted.includes(scope);
  if ('scopes' in wanted) {
    return wanted.scopes.every((scope) => offeredBy(offer).includes(scope))
      ? wanted.scopes.filter((scope) => !has(scope))
      : undefined;
  }
  const missing = wanted.integrations.map((reference) => {
    const levels = levelsFrom(offer, reference);
    return levels.some(({ scopes }) => scopes.every(has)) ? [] : levels[0]?.scopes.filter((scope) => !has(scope));
  });
  return missing.includes(undefined) ? undefined : unique(missing.flatMap((scopes) => scopes ?? []));
};

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
export const askFor = (offer: ProviderOffer, wanted: Wanted, granted: readonly string[]): string[] | undefined => {
  if (!missingOf(offer, wanted, [])) return undefined;
  const asked =
    'scopes' in wanted
      ? completed(offer, wanted.scopes, granted)
      : wanted.integrations.flatMap((reference) => {
          const levels = levelsFrom(offer, reference);
          const satisfied = levels.find(({ scopes }) => scopes.every((scope) => granted.includes(scope)));
          return (satisfied ?? levels[0])?.scopes ?? [];
        });
  const others = opened(offer, granted).filter(({ all }) => !all.some((scope) => asked.includes(scope)));
  // A refresh token has no place in a browser (S57).
  return unique([...asked, ...others.flatMap(({ scopes }) => scopes)]).filter((scope) => scope !== 'offline_access');
};

/** What is left of the scopes without an integration. */
export const without = (offer: ProviderOffer, integration: string, granted: readonly string[]): string[] =>
  unique(
    opened(offer, granted)
      .filter(({ name }) => name !== integration)
      .flatMap(({ scopes }) => scopes),
  );

const GRAPH = 'https://graph.microsoft.com/';

/** A provider's answer in the configuration's spelling: Microsoft knows a prefix and any case. */
const spelled = (offer: ProviderOffer, scope: string): string => {
  if (offer.kind !== 'microsoft') return scope;
  const bare = scope.startsWith(GRAPH) ? scope.slice(GRAPH.length) : scope;
  return offeredBy(offer).find((each) => each.toLowerCase() === bare.toLowerCase()) ?? bare;
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
  if (!answered) return [...asked];
  const granted = answered.map((each) => spelled(offer, each));
  return unique([...asked, ...offeredBy(offer)]).filter((scope) => granted.includes(scope));
};
