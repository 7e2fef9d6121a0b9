/**
 * Scopes, compared as each kind of provider means them. The functions, the browser SDK and the pages all build from this
 * module, so it imports nothing. What it is asked about has the form of `ProviderOffer` in openapi.yaml.
 */
export interface Level {
  readonly name: string;
  readonly scopes: readonly string[];
  /** Other sets of scopes that are enough as well: some classes of account do not have the usual ones. */
  readonly alternatives?: readonly (readonly string[])[];
}

export interface Offered {
  readonly kind: 'microsoft' | 'google' | 'oidc' | 'oauth2';
  readonly integrations: readonly { readonly name: string; readonly levels: readonly Level[] }[];
  /** By scope: the scopes that include it, the narrowest first. */
  readonly wider_scopes?: Readonly<Record<string, readonly string[]>>;
}

/** What is asked for: integrations (`files`, `files:write`) or scopes. */
export type Wanted = { readonly integrations: readonly string[] } | { readonly scopes: readonly string[] };

type Scopes = readonly string[];

export const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];

/**
 * Microsoft Graph as a resource: of the public cloud, of the US government, of China, and by its application id.
 * https://learn.microsoft.com/graph/deployments, https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 */
const GRAPH =
  /^((https:\/\/(graph\.microsoft\.com|(dod-)?graph\.microsoft\.us|microsoftgraph\.chinacloudapi\.cn)|(api:\/\/)?00000003-0000-0000-c000-000000000000)\/+)+/i;

/** https://developers.google.com/identity/protocols/oauth2/scopes: a token answer names the long forms. */
const GOOGLE = 'https://www.googleapis.com/auth/';

/** Without what a provider adds or leaves out at will. */
const bareOf = ({ kind }: Offered, scope: string): string => {
  if (kind === 'microsoft') return scope.replace(GRAPH, '');
  return kind === 'google' && /^(email|profile)$/.test(scope) ? `${GOOGLE}userinfo.${scope}` : scope;
};

/** Equal for two spellings of one scope. Entra takes any case; elsewhere scopes are exact (RFC 6749 section 3.3). */
const keyOf = (offered: Offered, scope: string): string => {
  const bare = bareOf(offered, scope);
  return offered.kind === 'microsoft' ? bare.toLowerCase() : bare;
};

/** The sets of scopes of which each is enough for the level. */
const waysOf = ({ scopes, alternatives = [] }: Level): Scopes[] => [scopes, ...alternatives];

/** The scopes of all levels, with those of the alternatives. */
const offeredScopes = ({ integrations }: Offered): string[] =>
  integrations.flatMap(({ levels }) => levels.flatMap((level) => waysOf(level).flat()));

const widerOf = ({ wider_scopes: wider = {} }: Offered, scope: string): Scopes =>
  (Object.hasOwn(wider, scope) && wider[scope]) || [];

/** In the one spelling that is stored, shown, compared and asked for: that of the offer, where the offer knows the scope. */
export const spelled = (offered: Offered, scopes: Scopes): string[] => {
  const known = new Map(
    offeredScopes(offered)
      .flatMap((scope) => [scope, ...widerOf(offered, scope)])
      .map((scope) => [keyOf(offered, scope), scope]),
  );
  return [
    ...new Map(
      scopes.map((scope) => {
        const key = keyOf(offered, scope);
        return [key, known.get(key) ?? bareOf(offered, scope)];
      }),
    ).values(),
  ];
};

/** By which granted scope a scope can be used: itself, or the narrowest that includes it. */
const finder = (offered: Offered, granted: Scopes) => {
  const own = new Map(spelled(offered, granted).map((scope) => [keyOf(offered, scope), scope]));
  return (scope: string): string | undefined =>
    [scope, ...widerOf(offered, scope)].map((each) => own.get(keyOf(offered, each))).find((found) => found);
};
type Find = ReturnType<typeof finder>;

/** The same without wider scopes: what was asked for is what was named. */
const namer = (offered: Offered, scopes: Scopes): Find => finder({ ...offered, wider_scopes: {} }, scopes);

/** The first of a level's ways that is open: what it needs, and by which granted scope each can be used. */
const opening = (level: Level, find: Find): (readonly [needed: string, found: string])[] | undefined =>
  waysOf(level)
    .map((way) => way.flatMap((scope) => [[scope, find(scope) ?? ''] as const]))
    .find((pairs) => pairs.every(([, found]) => found));

/** The way to open a level: without what the account was asked for before and does not have. */
const wayTo = (level: Level, find: Find, isWithheld: (scope: string) => unknown): Scopes =>
  waysOf(level).find((scopes) => !scopes.some((scope) => isWithheld(scope) && !find(scope))) ?? level.scopes;

/** `files:write` names a level and all above it; `files` starts at the lowest. Empty: not offered. */
const levelsFrom = ({ integrations }: Offered, reference: string): readonly Level[] => {
  const [name, level] = reference.split(':');
  const levels = integrations.find((each) => each.name === name)?.levels ?? [];
  const start = level === undefined ? 0 : levels.findIndex((each) => each.name === level);
  return start < 0 ? [] : levels.slice(start);
};

/** The names of the integrations that use the scope, or a scope that it includes. */
export const integrationsWith = (offered: Offered, scope: string): string[] => {
  const find = finder(offered, [scope]);
  return offered.integrations
    .filter(({ levels }) => levels.some((level) => waysOf(level).flat().some(find)))
    .map(({ name }) => name);
};

/** The scopes in the offer's spelling; `undefined` where the offer does not name one of them. */
export const offeredAs = (offered: Offered, scopes: Scopes): string[] | undefined => {
  const named = offeredScopes(offered);
  const found = spelled(offered, scopes);
  return found.every((scope) => named.includes(scope)) ? found : undefined;
};

/** The highest open level of each integration; `ask`: what to ask for so that it stays open. */
export const opened = (offered: Offered, granted: Scopes) => {
  const find = finder(offered, granted);
  return offered.integrations.flatMap(({ name, levels }) => {
    const level = levels.findLast((each) => opening(each, find));
    return level ? [{ name, level: level.name, ask: asking(offered, opening(level, find)) }] : [];
  });
};

/** Nobody asks for a scope that the offer does not name: for what it stands in for instead. */
const asking = (offered: Offered, pairs: ReturnType<typeof opening> = []): string[] => {
  const named = offeredScopes(offered);
  return pairs.map(([needed, found]) => (named.includes(found) ? found : needed));
};

/** As connections name them: `files:write`. */
export const integrationsOf = (offered: Offered, granted: Scopes): string[] =>
  opened(offered, granted).map(({ name, level }) => `${name}:${level}`);

/** Of the granted scopes those to `use`; of the others those that are `missing`; `ask`: all of it, for a new token. */
export interface Choice {
  readonly use: string[];
  readonly missing: string[];
  readonly ask: string[];
}

/**
 * An integration is satisfied by its lowest open level that is high enough. `undefined`: something of it is not offered.
 * @param withheld asked for before, and not granted
 */
export const choose = (
  offered: Offered,
  wanted: Wanted,
  granted: Scopes,
  withheld: Scopes = [],
): Choice | undefined => {
  const find = finder(offered, granted);
  const lacks = (scopes: Scopes) => scopes.filter((scope) => !find(scope));
  if ('scopes' in wanted) {
    const scopes = offeredAs(offered, wanted.scopes);
    return scopes && { use: unique(scopes.flatMap((each) => find(each) ?? [])), missing: lacks(scopes), ask: scopes };
  }
  const isWithheld = namer(offered, withheld);
  const use: string[] = [];
  const missing: string[] = [];
  const ask: string[] = [];
  for (const reference of wanted.integrations) {
    const levels = levelsFrom(offered, reference);
    const [lowest] = levels;
    if (!lowest) return undefined;
    const open = levels.map((level) => opening(level, find)).find((pairs) => pairs);
    const way = wayTo(lowest, find, isWithheld);
    if (open) use.push(...open.map(([, found]) => found));
    else missing.push(...lacks(way));
    ask.push(...(open ? asking(offered, open) : way));
  }
  return { use: unique(use), missing: unique(missing), ask: unique(ask) };
};

/**
 * What is missing after an authorization: of each integration that was asked for, what its level lacks. A scope that came
 * as a wider one, or that another scope stands in for, is not missing.
 */
export const missingAfter = (offered: Offered, asked: Scopes, granted: Scopes): string[] => {
  const find = finder(offered, granted);
  const isAsked = namer(offered, asked);
  const settled = new Set<string>();
  const missing = offered.integrations.flatMap(({ levels }) => {
    const at = levels.findLastIndex((level) => waysOf(level).some((way) => way.every(isAsked)));
    const level = levels[at];
    if (!level) return [];
    for (const each of levels.slice(0, at + 1)) for (const scope of waysOf(each).flat()) settled.add(scope);
    if (levels.slice(at).some((each) => opening(each, find))) return [];
    return wayTo(level, find, isAsked).filter((scope) => !find(scope));
  });
  return unique([...missing, ...spelled(offered, asked).filter((scope) => !settled.has(scope) && !find(scope))]);
};

/** What is left without an integration: what another open one uses, and what none uses. */
export const without = (offered: Offered, integration: string, granted: Scopes): string[] => {
  const open = opened(offered, granted).map(({ name }) => name);
  return granted.filter((scope) => {
    const users = integrationsWith(offered, scope);
    return !users.includes(integration) || users.some((user) => user !== integration && open.includes(user));
  });
};

/** They say who the user is, not what may be read: never recorded, and never a reason to ask the user again. */
const IDENTITY = [
  'openid',
  'profile',
  'email',
  'offline_access',
  `${GOOGLE}userinfo.email`,
  `${GOOGLE}userinfo.profile`,
];

/** What a provider says was granted, in one spelling, without the identity scopes that no integration names. */
export const grantedOf = (offered: Offered, answered: Scopes): string[] =>
  spelled(offered, answered).filter(
    (scope) => !IDENTITY.includes(keyOf(offered, scope)) || offeredAs(offered, [scope]) !== undefined,
  );

/** What to ask for so that the granted scopes stay open: they themselves, as far as the offer names them, and more. */
export const toKeep = (offered: Offered, granted: Scopes): string[] =>
  unique([
    ...spelled(offered, granted).filter((scope) => offeredAs(offered, [scope])),
    ...opened(offered, granted).flatMap(({ ask }) => ask),
  ]);
