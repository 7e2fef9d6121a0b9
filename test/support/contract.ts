/** Holds answers against openapi.yaml: status, content type, required headers, body. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

type Node = { readonly [name: string]: unknown };

// biome-ignore lint/suspicious/noExplicitAny: tests read the contract as a document
export const contract: any = parse(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'));
const document: Node = contract;
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema(document, 'contract');

const at = (path: readonly string[]): Node | undefined =>
  path.reduce<unknown>((node, name) => (node as Node | undefined)?.[name], document) as Node | undefined;

/** Follows one `$ref` and says where it led. */
const resolve = (path: readonly string[]): readonly string[] => {
  const reference = at(path)?.$ref;
  return typeof reference === 'string' ? reference.slice(2).split('/') : path;
};

const pathOf = (requested: string): string | undefined =>
  Object.keys(document.paths as Node).find((template) =>
    new RegExp(`^/v1${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(requested),
  );

const isEscapedWell = (path: string): boolean => {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
};

/** Throws where a value is not of the named schema. */
export const checkSchema = (name: string, value: unknown): void => {
  if (!ajv.validate({ $ref: `contract#/components/schemas/${name}` }, value)) throw new Error(ajv.errorsText());
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

/** Throws where the answer is not one that the contract names. */
export const checkAnswer = (method: string, requested: string, answer: Answer): void => {
  // A path that is no path belongs to no operation.
  const template = isEscapedWell(requested) ? pathOf(requested) : undefined;
  if (!isEscapedWell(requested) && answer.status === 400) {
    if (method !== 'HEAD') checkSchema('Problem', answer.body);
    return;
  }
  const operation = ['paths', template ?? '', method.toLowerCase()];
  const fail = (what: string) => {
    throw new Error(`${method} ${template ?? requested} ${answer.status}: ${what}\n${JSON.stringify(answer.body)}`);
  };
  const named = template !== undefined && at(operation) !== undefined;
  if (!named) {
    if (method === 'OPTIONS' || method === 'HEAD') return;
    // Nothing of the contract: another path or method, or a foreign origin, which is refused before either.
    if (![403, 404, 405].includes(answer.status)) fail('is not in the contract');
    // The framework itself answers /favicon.ico and /robots.txt, with nothing.
    // A person reads a page.
    if (answer.headers.get('content-type') === 'text/html; charset=utf-8') return;
    if (answer.body !== undefined) checkSchema('Problem', answer.body);
    return;
  }
  const response = resolve([...operation, 'responses', String(answer.status)]);
  if (!at(response)) fail('has a status that the contract does not name');
  for (const header of Object.keys(at([...response, 'headers']) ?? {})) {
    if (!answer.headers.has(header)) fail(`lacks the header ${header}`);
  }
  const content = at([...response, 'content']);
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  if (!content) {
    if (answer.body !== undefined) fail('has a body');
    return;
  }
  if (!(type in content)) fail(`has the content type ${type}`);
  if (type === 'text/html') return;
  const pointer = [...response, 'content', type, 'schema'].map((name) =>
    encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1')),
  );
  const validate = ajv.compile({ $ref: `contract#/${pointer.join('/')}` });
  if (!validate(answer.body)) fail(ajv.errorsText(validate.errors));
};
