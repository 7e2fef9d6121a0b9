/**
 * `npm run generate`: what terraform (infra/) and the rehearsal know of the functions, from the contract and from what each
 * function declares: infra/generated/manifest.json. A test compares the committed file with a fresh run.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Setting } from '../functions/config/load.ts';
import { routes } from '../functions/http/generated/routes.ts';
import { FUNCTIONS } from './build/functions.ts';

/** Of `functions/<name>/config.ts`. */
interface Needs {
  readonly settings: Readonly<Record<string, Setting<unknown>>>;
  readonly clientSecrets: ClientSecrets | false;
  readonly privileges: readonly string[];
}
/** What a provider's client secret is held for: the token endpoint, the revocation endpoint, signing users in. */
export type ClientSecrets = 'tokens' | 'revocation' | 'sign-in';

export interface FunctionEntry {
  /** The one path of a function that the scheduler alone may call; it is not behind the balancer. */
  readonly internal: string | null;
  readonly privileges: readonly string[];
  /** Plain environment variables. Development settings are left out: they are refused on Google Cloud. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Variables from Secret Manager, but for those of the providers' clients. */
  readonly secrets: readonly string[];
  readonly client_secrets: ClientSecrets | 'none';
}

export interface InfraManifest {
  readonly functions: Readonly<Record<string, FunctionEntry>>;
  /** `*` stands for one segment. In this order the first that fits is the one: no path fits two functions. */
  readonly routes: readonly { readonly path: string; readonly function: string }[];
  /** Whose URLs name a person or a document, or hold a code: no request log may keep them. */
  readonly unlogged_paths: readonly string[];
}

const patternOf = (path: string): string => path.replace(/\{\w+\}/g, '*');

const entryOf = async (name: string): Promise<FunctionEntry> => {
  const { needs } = (await import(`../functions/${name}/config.ts`)) as { needs: Needs };
  const settings = Object.values(needs.settings).filter(({ development }) => !development);
  const variables = (wanted: (setting: Setting<unknown>) => boolean) =>
    settings.filter(wanted).map(({ variable }) => variable);
  return {
    internal: internalPathOf(name),
    privileges: needs.privileges,
    required: variables(({ secret, absent }) => !secret && !absent),
    optional: variables(({ secret, absent }) => !secret && absent !== undefined),
    secrets: variables(({ secret }) => secret === true),
    client_secrets: needs.clientSecrets || 'none',
  };
};

const isInternal = ({ security }: { security: readonly string[] }) => security.includes('schedulerBearer');

const internalPathOf = (name: string): string | null => {
  const own = Object.values(routes).filter((route) => route.function === name);
  const [internal] = own.filter(isInternal);
  if (internal && own.length > 1) throw new Error(`${name} is the scheduler's, and has other routes too`);
  return internal?.path ?? null;
};

/** One backend per path: a method that a path does not have gets its 405 from the function, a preflight its answer. */
const balancedRoutes = (): InfraManifest['routes'] => {
  const byPath = new Map<string, string>();
  for (const route of Object.values(routes)) {
    if (isInternal(route)) continue;
    const path = patternOf(route.path);
    if ((byPath.get(path) ?? route.function) !== route.function) throw new Error(`${path} has two functions`);
    byPath.set(path, route.function);
  }
  // Words before wildcards, segment by segment: "~" comes after every letter.
  const order = (path: string) => path.replaceAll('*', '~');
  return [...byPath]
    .sort(([one], [other]) => (order(one) < order(other) ? -1 : 1))
    .map(([path, name]) => ({ path, function: name }));
};

interface Contract {
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: { readonly parameters: Readonly<Record<string, Parameter>> };
}
interface HasParameters {
  readonly parameters?: readonly Parameter[];
}
type PathItem = HasParameters & Readonly<Record<string, HasParameters>>;
interface Parameter {
  readonly $ref?: string;
  readonly in?: string;
  readonly 'x-loggable'?: boolean;
}

/** Paths whose URLs no log may keep: those with a parameter that the contract does not call loggable. */
const unloggedPaths = (): string[] => {
  const { paths, components } = parse(readFileSync(new URL('../openapi.yaml', import.meta.url), 'utf8')) as Contract;
  const parameterOf = (given: Parameter) => components.parameters[given.$ref?.split('/').at(-1) ?? ''] ?? given;
  const isPrivate = ({ in: place, 'x-loggable': loggable = false }: Parameter) =>
    (place === 'path' || place === 'query') && !loggable;
  const parametersOf = ({ parameters: own = [], ...methods }: PathItem) =>
    [...own, ...Object.values(methods).flatMap(({ parameters = [] }) => parameters)].map(parameterOf);
  return Object.entries(paths).flatMap(([path, item]) =>
    parametersOf(item).some(isPrivate) ? [`/v1${patternOf(path)}`] : [],
  );
};

export const infraManifest = async (): Promise<InfraManifest> => ({
  functions: Object.fromEntries(
    await Promise.all([...FUNCTIONS].sort().map(async (name) => [name, await entryOf(name)] as const)),
  ),
  routes: balancedRoutes(),
  unlogged_paths: unloggedPaths(),
});

export const MANIFEST = new URL('../infra/generated/manifest.json', import.meta.url);

export const manifestText = async (): Promise<string> => `${JSON.stringify(await infraManifest(), undefined, 2)}\n`;

if (import.meta.main) writeFileSync(MANIFEST, await manifestText());
