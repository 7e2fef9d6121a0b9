/** Questions about scopes, answered from a provider's catalogue. */
import type { Catalogue, Levels } from './catalogue.ts';

/** They say who the user is, not what may be read; never recorded and never a reason to ask the user again. */
const IDENTITY_SCOPES = new Set([
  'openid',
  'profile',
  'email',
  'offline_access',
  'https://www.googleapis.com/auth/userinfo.email',
  'https://www.googleapis.com/auth/userinfo.profile',
]);

export const withoutIdentityScopes = (scopes: readonly string[]): string[] =>
  unique(scopes.filter((scope) => !IDENTITY_SCOPES.has(scope)));

export const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];

/** What a front end asks for: integrations (`files`, `files:write`) or scopes. */
export type Wanted = { readonly integrations: readonly string[] } | { readonly scopes: readonly string[] };

/** The scopes that stand for what is wanted, or `undefined` when the catalogue does not know some of it. */
export const scopesOf = (catalogue: Catalogue, wanted: Wanted): string[] | undefined => {
  if ('scopes' in wanted) {
    return wanted.scopes.every((scope) => integrationsWith(catalogue, scope).length > 0)
      ? unique(wanted.scopes)
      : undefined;
  }
  const scopes = wanted.integrations.map((reference) => levelsFrom(catalogue, reference)?.[0]?.scopes);
  return scopes.includes(undefined) ? undefined : unique(scopes.flatMap((each) => each ?? []));
};

/** Two scopes of the list that must not meet in one grant. */
export const hasExclusivePair = (catalogue: Catalogue, scopes: readonly string[]): boolean =>
  (catalogue.exclusive ?? []).some((group) => group.filter((scope) => scopes.includes(scope)).length > 1);

/** The scopes of `granted` that may stand in one grant with `wanted`. */
export const compatibleWith = (catalogue: Catalogue, wanted: readonly string[], granted: readonly string[]): string[] =>
  granted.filter((scope) => !hasExclusivePair(catalogue, [...wanted, scope]));

/** Whether one of the scopes belongs to a group of which only one may be granted. */
export const touchesExclusive = (catalogue: Catalogue, scopes: readonly string[]): boolean =>
  (catalogue.exclusive ?? []).some((group) => group.some((scope) => scopes.includes(scope)));

/**
 * Which of the granted scopes to use for what is wanted: an integration is satisfied by its lowest granted level that
 * is high enough. `missing` says what to ask the user for.
 */
export const choose = (
  catalogue: Catalogue,
  wanted: Wanted,
  granted: readonly string[],
): { use: string[]; missing: string[] } | undefined => {
  const has = (scope: string) => granted.includes(scope);
  if ('scopes' in wanted) {
    const scopes = scopesOf(catalogue, wanted);
    return scopes && { use: scopes.filter(has), missing: scopes.filter((scope) => !has(scope)) };
  }
  const use: string[] = [];
  const missing: string[] = [];
  for (const reference of wanted.integrations) {
    const levels = levelsFrom(catalogue, reference);
    if (!levels) return undefined;
    const satisfied = levels.find(({ scopes }) => scopes.every(has));
    if (satisfied) use.push(...satisfied.scopes);
    else missing.push(...(levels[0]?.scopes ?? []).filter((scope) => !has(scope)));
  }
  return { use: unique(use), missing: unique(missing) };
};

/** The integrations that the scopes open, each with its highest level (`files:write`). */
export const integrationsOf = (catalogue: Catalogue, scopes: readonly string[]): string[] =>
  Object.entries(catalogue.integrations).flatMap(([name, levels]) => {
    const level = Object.entries(levels)
      .filter(([, needed]) => needed.every((scope) => scopes.includes(scope)))
      .at(-1);
    return level ? [`${name}:${level[0]}`] : [];
  });

/** The names of the integrations that a scope belongs to. */
export const integrationsWith = (catalogue: Catalogue, scope: string): string[] =>
  Object.entries(catalogue.integrations)
    .filter(([, levels]) => Object.values(levels).some((scopes) => scopes.includes(scope)))
    .map(([name]) => name);

/** `files:write` names a level and all above it; `files` starts at the lowest. */
const levelsFrom = (catalogue: Catalogue, reference: string): { scopes: readonly string[] }[] | undefined => {
  const [name = '', level] = reference.split(':');
  const levels: Levels | undefined = Object.hasOwn(catalogue.integrations, name)
    ? catalogue.integrations[name]
    : undefined;
  if (!levels) return undefined;
  const names = Object.keys(levels);
  const start = level === undefined ? 0 : names.indexOf(level);
  return start < 0 ? undefined : names.slice(start).map((each) => ({ scopes: levels[each] ?? [] }));
};
