/**
 * The terraform configuration as data: every infra/*.tf, parsed; expressions are texts of the form `${…}`. What could bring in
 * resources that are not read here (another syntax, a module, an override, an import) is refused, not passed over.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from '@cdktf/hcl2json';

export type Block = { [member: string]: unknown };
export interface Configuration {
  /** By type and name: `google_kms_crypto_key.tokens`. */
  readonly resources: Map<string, Block>;
  readonly locals: Map<string, unknown>;
  readonly variables: Map<string, Block>;
}

const INFRA = new URL('../../infra/', import.meta.url);

type Parsed = { readonly [kind: string]: unknown };

const KINDS = ['data', 'locals', 'output', 'provider', 'resource', 'terraform', 'variable'];
/** Terraform merges these over the others, in a way that this does not. */
const OVERRIDE = /(^|_)override\.tf$/;

/** By name, the text of what terraform would read in one folder. */
export const configurationOf = async (files: Readonly<Record<string, string>>): Promise<Configuration> => {
  const configuration: Configuration = { resources: new Map(), locals: new Map(), variables: new Map() };
  for (const [file, source] of Object.entries(files)) {
    if (!file.endsWith('.tf') || OVERRIDE.test(file)) throw new Error(`${file} is not read by the policies`);
    const parsed = (await parse(file, source)) as Parsed;
    const other = Object.keys(parsed).filter((kind) => !KINDS.includes(kind));
    if (other.length > 0) throw new Error(`${file} has ${other.join(', ')}, which the policies do not see into`);
    for (const [type, named] of Object.entries((parsed.resource ?? {}) as Record<string, Record<string, Block[]>>)) {
      for (const [name, [body]] of Object.entries(named))
        if (body) configuration.resources.set(`${type}.${name}`, body);
    }
    for (const [name, [body]] of Object.entries((parsed.variable ?? {}) as Record<string, Block[]>)) {
      if (body) configuration.variables.set(name, body);
    }
    for (const locals of (parsed.locals ?? []) as Record<string, unknown>[]) {
      for (const [name, value] of Object.entries(locals)) configuration.locals.set(name, value);
    }
  }
  return configuration;
};

export const readConfiguration = (): Promise<Configuration> =>
  configurationOf(
    Object.fromEntries(
      readdirSync(INFRA)
        .filter((file) => /\.tf(\.json)?$/.test(file))
        .map((file) => [file, readFileSync(new URL(file, INFRA), 'utf8')]),
    ),
  );

export const ofType = ({ resources }: Configuration, type: RegExp): [address: string, body: Block][] =>
  [...resources].filter(([address]) => type.test(address.split('.')[0] ?? ''));

/** The blocks of a kind inside another one; none where there is none. */
export const blocks = (body: Block | undefined, name: string): Block[] => {
  const found = body?.[name];
  if (found === undefined) return [];
  return (Array.isArray(found) ? found : [found]) as Block[];
};
export const block = (body: Block | undefined, name: string): Block => blocks(body, name)[0] ?? {};

/** An expression on one line, however it is laid out. */
export const text = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'))
    .replace(/\s+/g, ' ')
    .replace(/([([{]) /g, '$1')
    .replace(/,? ([)\]}])/g, '$1');
