/** Questions about scopes, answered from a provider's catalogue. How scopes compare: shared/scopes.ts. */
import * as shared from '../../shared/scopes.ts';
import type { Catalogue } from './catalogue.ts';

export { unique, type Wanted } from '../../shared/scopes.ts';

/** The catalogue in the form in which front ends get it (`ProviderOffer` in openapi.yaml). */
export const offeredOf = (catalogue: Catalogue): shared.Offered => {
  const made = MADE.get(catalogue) ?? make(catalogue);
  MADE.set(catalogue, made);
  return made;
};
const MADE = new WeakMap<Catalogue, shared.Offered>();

const make = ({ kind = 'oidc', integrations, alternatives = {}, wider = {} }: Catalogue): shared.Offered => ({
  kind,
  integrations: Object.entries(integrations).map(([name, levels]) => ({
    name,
    levels: Object.entries(levels).map(([level, scopes]) => {
      const ways = Object.hasOwn(alternatives, `${name}:${level}`) ? alternatives[`${name}:${level}`] : undefined;
      return { name: level, scopes, ...(ways ? { alternatives: ways } : {}) };
    }),
  })),
  wider_scopes: wider,
});

/** What was granted by a provider's answer: in the catalogue's spelling, without the identity scopes. */
export const grantedOf = (catalogue: Catalogue, answered: readonly string[]): string[] =>
  shared.grantedOf(offeredOf(catalogue), answered);

/**
 * The scopes to ask for, or `undefined` when the catalogue does not know some of what is wanted.
 * @param withheld asked for before, and not granted: an alternative is asked for where there is one
 */
export const scopesOf = (
  catalogue: Catalogue,
  wanted: shared.Wanted,
  withheld: readonly string[] = [],
): string[] | undefined => choose(catalogue, wanted, [], withheld)?.missing;

/** Two scopes of the list that must not meet in one grant; one that includes a scope of the pair counts as it. */
export const hasExclusivePair = (catalogue: Catalogue, scopes: readonly string[]): boolean =>
  groupsIn(catalogue, scopes).some((found) => found.length > 1);

/** The scopes of `granted` that may stand in one grant with `wanted`. */
export const compatibleWith = (catalogue: Catalogue, wanted: readonly string[], granted: readonly string[]): string[] =>
  granted.filter((scope) => !hasExclusivePair(catalogue, [...wanted, scope]));

/** Whether one of the scopes belongs to a group of which only one may be granted. */
export const touchesExclusive = (catalogue: Catalogue, scopes: readonly string[]): boolean =>
  groupsIn(catalogue, scopes).some((found) => found.length > 0);

const groupsIn = ({ exclusive = [], wider = {} }: Catalogue, scopes: readonly string[]): string[][] =>
  exclusive.map((group) => group.filter((member) => scopes.some((scope) => includes(wider, scope, member))));

/** Whether a scope is `other`, or includes it. */
export const includes = (wider: NonNullable<Catalogue['wider']>, scope: string, other: string): boolean =>
  scope === other || (Object.hasOwn(wider, other) && wider[other]?.includes(scope) === true);

/** `choose` of shared/scopes.ts: which of the granted scopes to use for what is wanted, and what to ask the user for. */
export const choose = (
  catalogue: Catalogue,
  wanted: shared.Wanted,
  granted: readonly string[],
  withheld?: readonly string[],
): Pick<shared.Choice, 'use' | 'missing'> | undefined => {
  const chosen = shared.choose(offeredOf(catalogue), wanted, granted, withheld);
  return chosen && { use: chosen.use, missing: chosen.missing };
};

/** What is missing after an authorization that asked for `asked`. */
export const missingAfter = (catalogue: Catalogue, asked: readonly string[], granted: readonly string[]): string[] =>
  shared.missingAfter(offeredOf(catalogue), asked, granted);

/** What was asked for and not granted, as far as a level has an alternative to it; absent when empty. */
export const withheldOf = (
  catalogue: Catalogue,
  asked: readonly string[],
  granted: readonly string[],
): { withheld?: readonly string[] } => {
  const { integrations } = offeredOf(catalogue);
  const ways = integrations.flatMap(({ levels }) =>
    levels.flatMap(({ scopes, alternatives = [] }) =>
      alternatives.length > 0 ? [scopes, ...alternatives].flat() : [],
    ),
  );
  const withheld = shared.unique(asked).filter((scope) => ways.includes(scope) && !granted.includes(scope));
  return withheld.length > 0 ? { withheld } : {};
};

/** The integrations that the scopes open, each with its highest level (`files:write`). */
export const integrationsOf = (catalogue: Catalogue, scopes: readonly string[]): string[] =>
  shared.integrationsOf(offeredOf(catalogue), scopes);

/** The names of the integrations that use a scope, or one that it includes. */
export const integrationsWith = (catalogue: Catalogue, scope: string): string[] =>
  shared.integrationsWith(offeredOf(catalogue), scope);

/** Whether the catalogue itself names each of the scopes. */
export const names = (catalogue: Catalogue, scopes: readonly string[]): boolean =>
  shared.offeredAs(offeredOf(catalogue), scopes) !== undefined;

/** What to ask for so that the granted scopes stay open. */
export const toKeep = (catalogue: Catalogue, granted: readonly string[]): string[] =>
  shared.toKeep(offeredOf(catalogue), granted);

/** What is left of the granted scopes without an integration. */
export const without = (catalogue: Catalogue, integration: string, granted: readonly string[]): string[] =>
  shared.without(offeredOf(catalogue), integration, granted);
