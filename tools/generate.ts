/**
 * `npm run generate`: from openapi.yaml to functions/http/generated: the types, the route table and the validators.
 * What runs is thereby what the contract says; a test compares the committed files with a fresh run.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import openapiTS, { astToString } from 'openapi-typescript';
import { parse } from 'yaml';

type Schema = { readonly [keyword: string]: unknown };
type Ref = { readonly $ref?: string };
interface Parameter extends Ref {
  readonly name: string;
  readonly in: string;
  readonly schema: Schema & Ref;
}
interface Operation {
  readonly operationId: string;
  readonly 'x-function': string;
  readonly 'x-body-bytes'?: number;
  readonly 'x-navigated'?: boolean;
  readonly security?: readonly Record<string, unknown>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { readonly schema: Schema & Ref }>>;
  };
  readonly responses: Record<string, unknown>;
}
type PathItem = { readonly parameters?: readonly Parameter[] } & Readonly<Record<string, Operation>>;
interface Contract {
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly Record<string, unknown>[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const source = new URL('../openapi.yaml', import.meta.url);
const target = new URL('../functions/http/generated/', import.meta.url);
const methods = ['get', 'put', 'post', 'delete', 'patch'];
/** The largest body of an operation that says nothing else. */
const BODY_BYTES = 16 * 1024;
const banner = '// Made from openapi.yaml by `npm run generate`. Not edited by hand.\n';

const nameOf = (ref: string | undefined): string => {
  const name = ref?.split('/').at(-1);
  if (!name) throw new Error('A request body and a path parameter must name their schema by $ref.');
  return name;
};

/** Puts every schema in the place of its reference: ajv then knows all types, and its code needs no runtime import. */
const inlined = (contract: Contract, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => inlined(contract, item));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, ...rest } = value as Schema & Ref;
  const referenced = $ref === undefined ? {} : (inlined(contract, contract.components.schemas[nameOf($ref)]) as Schema);
  return {
    ...referenced,
    ...Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, inlined(contract, item)])),
  };
};

const parameterOf = (contract: Contract, parameter: Parameter): Parameter =>
  parameter.$ref === undefined
    ? parameter
    : (parameter.$ref
        .split('/')
        .slice(1)
        .reduce<unknown>((node, key) => (node as Schema)[key], contract) as Parameter);

/** The validator of a header: `Broker-Request` has `BrokerRequestHeader`. */
const headerValidator = (name: string): string => `${name.replaceAll('-', '')}Header`;

const headersOf = (contract: Contract): Parameter[] =>
  Object.values(contract.paths)
    .flatMap((item) => [item, ...methods.flatMap((method) => item[method] ?? [])])
    .flatMap(({ parameters = [] }) => parameters.map((parameter) => parameterOf(contract, parameter)))
    .filter((parameter) => parameter.in === 'header');

const routesOf = (contract: Contract) => {
  const prefix = new URL(contract.servers[0]?.url.replace(/\{\w+\}/, 'http://broker') ?? '').pathname;
  return Object.entries(contract.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const all = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((parameter) =>
        parameterOf(contract, parameter),
      );
      const parameters = all.filter((parameter) => parameter.in === 'path');
      const headers = all.filter((parameter) => parameter.in === 'header');
      const { requestBody } = operation;
      return {
        operationId: operation.operationId,
        function: operation['x-function'],
        method: method.toUpperCase(),
        path: `${prefix}${path}`,
        ...(operation['x-navigated'] && { navigated: true }),
        security: (operation.security ?? contract.security).flatMap((scheme) => Object.keys(scheme)),
        parameters: Object.fromEntries(parameters.map(({ name, schema }) => [name, nameOf(schema.$ref)])),
        // What a path parameter gets that does not fit: an answer that the operation documents.
        misfit: '404' in operation.responses ? 'not_found' : 'invalid_request',
        ...(headers.length > 0 && {
          headers: Object.fromEntries(headers.map(({ name }) => [name, headerValidator(name)])),
        }),
        ...(requestBody && {
          body: {
            schema: nameOf(requestBody.content['application/json']?.schema.$ref),
            required: requestBody.required === true,
            bytes: operation['x-body-bytes'] ?? BODY_BYTES,
          },
        }),
      };
    }),
  );
};

const routesFile = (contract: Contract): string => {
  const entries = routesOf(contract).map(
    ({ operationId, ...route }) => `  ${operationId}: ${JSON.stringify(route)},\n`,
  );
  return `${banner}\nexport const routes = {\n${entries.join('')}} as const;\n`;
};

const validatorsFiles = (contract: Contract): { code: string; types: string } => {
  const names = new Set(
    routesOf(contract).flatMap((route) => [
      ...Object.values(route.parameters),
      ...(route.body ? [route.body.schema] : []),
    ]),
  );
  const ajv = new Ajv2020({
    strict: true,
    // `oneOf: [{required: [...]}]` names members that its sibling `properties` defines.
    strictRequired: false,
    allErrors: false,
    messages: false,
    logger: false,
    // Lengths in UTF-16 units: the function that counts code points would be a runtime import.
    unicode: false,
    code: { source: true, esm: true, lines: true },
  });
  for (const name of names) ajv.addSchema(inlined(contract, contract.components.schemas[name]) as Schema, name);
  for (const { name, schema } of headersOf(contract)) {
    if (names.has(headerValidator(name))) continue;
    ajv.addSchema(inlined(contract, schema) as Schema, headerValidator(name));
    names.add(headerValidator(name));
  }
  const code = standalone.default(ajv, Object.fromEntries([...names].map((name) => [name, name])));
  if (/require\(|\bimport\b/.test(code)) throw new Error('The validators need something at run time.');
  const list = [...names];
  return {
    code: `${banner}${code}\nexport const validators = { ${list.join(', ')} };\n`,
    types:
      `${banner}\nexport interface Validator {\n  (value: unknown): boolean;\n` +
      '  errors?: readonly { readonly instancePath: string; readonly keyword: string; readonly params: object }[] | null;\n}\n\n' +
      `export const validators: Readonly<Record<${list.map((name) => `'${name}'`).join(' | ')}, Validator>>;\n`,
  };
};

/** @returns the generated files, by name. */
export const generate = async (): Promise<Record<string, string>> => {
  const contract = parse(await readFile(source, 'utf8')) as Contract;
  const { code, types } = validatorsFiles(contract);
  return {
    'types.ts': banner + astToString(await openapiTS(source, { immutable: true })),
    'routes.ts': routesFile(contract),
    'validators.js': code,
    'validators.d.ts': types,
  };
};

if (import.meta.main) {
  for (const [name, text] of Object.entries(await generate())) await writeFile(new URL(name, target), text);
}
