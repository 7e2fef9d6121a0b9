/** Questions about scopes, answered from what the configuration offers (`IntegrationOffer` in openapi.yaml). */
import type { ProviderOffer, Wanted } from '../contract.ts';

type Levels = ProviderOffer['integrations'][number]['levels'];

const unique = (scopes: readonly string[]) => [...new Set(scopes)];

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
    const offered = offer.integrations.flatMap(({ levels }) => levels.flatMap(({ scopes }) => scopes));
    return wanted.scopes.every((scope) => offered.includes(scope))
      ? wanted.scopes.filter((scope) => !has(scope))
      : undefined;
  }
  const missing = wanted.integrations.map((reference) => {
    const levels = levelsFrom(offer, reference);
    return levels.some(({ scopes }) => scopes.every(has)) ? [] : levels[0]?.scopes.filter((scope) => !has(scope));
  });
  return missing.includes(undefined) ? undefined : unique(missing.flatMap((scopes) => scopes ?? []));
};

/**
 * What to ask the provider for: what is wanted, with what other integrations have already, for the new token takes the
 * place of the old. Levels of one integration are not added up (two of Gmail's must not meet). `undefined`: not offered.
 */
export const askFor = (offer: ProviderOffer, wanted: Wanted, granted: readonly string[]): string[] | undefined => {
  if (!missingOf(offer, wanted, [])) return undefined;
  const asked =
    'scopes' in wanted
      ? wanted.scopes
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
export const spelled = ({ kind, integrations }: ProviderOffer, scope: string): string => {
  if (kind !== 'microsoft') return scope;
  const bare = scope.startsWith(GRAPH) ? scope.slice(GRAPH.length) : scope;
  const offered = integrations.flatMap(({ levels }) => levels.flatMap(({ scopes }) => scopes));
  return offered.find((each) => each.toLowerCase() === bare.toLowerCase()) ?? bare;
};
