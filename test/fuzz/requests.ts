/** Requests made from the contract, good ones and spoilt ones. */
import fc from 'fast-check';
import { contract } from '../support/contract.ts';

// biome-ignore lint/suspicious/noExplicitAny: the contract is walked as a document
type Node = any;

/** What a fuzzed request is sent with. */
export interface FuzzedRequest {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const resolve = (schema: Node): Node =>
  schema?.$ref
    ? resolve(
        schema.$ref
          .slice(2)
          .split('/')
          .reduce((node: Node, name: string) => node[name], contract),
      )
    : schema;

/** The names that members of maps have here, and one that objects have by themselves. */
const MEMBER = fc.constantFrom('microsoft', 'google', 'notes', 'mail', 'calendar', 'files', 'constructor');

/** Values of a schema, as far as this contract uses JSON Schema; what it does not know is any JSON. */
export const valuesOf = (given: Node): fc.Arbitrary<unknown> => {
  const schema = resolve(given);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.examples) return fc.constantFrom(...schema.examples);
  switch (schema.type) {
    case 'string':
      if (schema.pattern) {
        // fast-check makes no text for what must not follow.
        const pattern = new RegExp(schema.pattern.replace(/\(\?!.*?\)/, ''));
        return fc.stringMatching(pattern).map((text) => text.slice(0, schema.maxLength));
      }
      return fc.string({ minLength: schema.minLength ?? 0, maxLength: Math.min(schema.maxLength ?? 64, 64) });
    case 'integer':
      return fc.integer();
    case 'array':
      return fc.uniqueArray(valuesOf(schema.items), { minLength: schema.minItems ?? 0, maxLength: 4 });
    case 'object':
      if (!schema.properties) return fc.dictionary(MEMBER, valuesOf(schema.additionalProperties), { maxKeys: 3 });
      return fc.record(
        Object.fromEntries(Object.entries(schema.properties).map(([name, each]) => [name, valuesOf(each)])),
        { requiredKeys: (schema.required ?? []) as [] },
      );
    default:
      return fc.jsonValue();
  }
};

const NASTY = fc.constantFrom<unknown>(
  null,
  true,
  -1,
  1e308,
  '',
  ' ',
  '\u0000',
  '\ud800',
  'x'.repeat(20_000),
  '../../etc',
  '%00',
  '<script>',
  '{{7*7}}',
  [],
  [[[[[[[[[[[[]]]]]]]]]]]],
  {},
  { __proto__: null },
  { constructor: { prototype: {} } },
);

/** A value with something wrong in it: a member replaced, added, dropped, or the whole of it something else. */
const spoilt = (value: unknown): fc.Arbitrary<unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fc.oneof(NASTY, fc.jsonValue());
  const names = Object.keys(value);
  const members = value as Record<string, unknown>;
  return fc.oneof(
    fc
      .tuple(fc.constantFrom(...(names.length > 0 ? names : ['x'])), fc.oneof(NASTY, fc.jsonValue()))
      .map(([name, other]) => ({ ...members, [name]: other })),
    fc
      .tuple(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString')), NASTY)
      .map(([name, other]) => Object.defineProperty({ ...members }, name, { value: other, enumerable: true })),
    fc
      .constantFrom(...(names.length > 0 ? names : ['x']))
      .map((name) => Object.fromEntries(Object.entries(members).filter(([each]) => each !== name))),
    NASTY,
    fc.jsonValue(),
  );
};

/** JSON text, sometimes cut short or with a byte changed. */
const textOf = (value: unknown): fc.Arbitrary<string> => {
  const text = JSON.stringify(value) ?? '';
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(text) },
    { weight: 1, arbitrary: fc.nat({ max: text.length }).map((length) => text.slice(0, length)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat({ max: text.length }), fc.string({ maxLength: 3 }))
        .map(([at, extra]) => text.slice(0, at) + extra + text.slice(at)),
    },
  );
};

/** What a path segment may hold: a fitting value, or anything, escaped or not. */
const segmentOf = (schema: Node): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom('google', 'microsoft', 'notes', 'org-1', 'org-2', 'user-1', 'user-victim'),
    },
    { weight: 2, arbitrary: valuesOf(schema).map((value) => encodeURIComponent(String(value))) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('%2e%2e', '%00', '%', 'a%2fb', '__proto__', 'x'.repeat(300), ';', '%F0%9F%98%80'),
    },
  );

const headerValues: Readonly<Record<string, readonly string[]>> = {
  'content-type': [
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=utf-16',
    'text/plain',
    'application/x-www-form-urlencoded',
    'x',
  ],
  origin: ['null', 'http://localhost', 'https://elsewhere.example'],
  'broker-request': ['1', '2'],
  'if-match': ['*', '"x"', 'W/"x"'],
  'content-encoding': ['gzip', 'identity', 'x'],
  'x-forwarded-for': ['198.51.100.1', 'x'],
  'x-http-method-override': ['DELETE'],
  traceparent: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'x'],
  accept: ['text/html', '*/*'],
};
const headers = fc
  .dictionary(fc.constantFrom(...Object.keys(headerValues)), fc.nat(), { maxKeys: 2 })
  .map((chosen) =>
    Object.fromEntries(
      Object.entries(chosen).map(([name, n]) => [
        name,
        headerValues[name]?.[n % (headerValues[name]?.length ?? 1)] ?? '',
      ]),
    ),
  );

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const;

const operations = Object.entries(contract.paths as Record<string, Node>).flatMap(([template, item]) =>
  METHODS.flatMap((method) => (item[method] ? [{ template, item, method, operation: item[method] }] : [])),
);
export const OPERATIONS: readonly string[] = operations.map(({ operation }) => String(operation.operationId));

/** Of one operation, mostly with its own method; or of any. */
export const requestsTo = (name?: string): fc.Arbitrary<FuzzedRequest> =>
  fc
    .constantFrom(...operations.filter(({ operation }) => name === undefined || operation.operationId === name))
    .chain(({ template, item, method, operation }) => {
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve);
      const segments = template.split('/').map((segment: string) => {
        const name = /^\{(\w+)\}$/.exec(segment)?.[1];
        return name ? segmentOf(parameters.find((each) => each.name === name)?.schema ?? {}) : fc.constant(segment);
      });
      const query = fc.oneof(
        { weight: 3, arbitrary: fc.constant('') },
        { weight: 1, arbitrary: fc.webQueryParameters().map((text) => `?${text}`) },
        {
          weight: 1,
          arbitrary: fc
            .dictionary(
              fc.constantFrom(
                'state',
                'code',
                'error',
                'return_to',
                'challenge',
                'tenant',
                'platform',
                'query',
                'page',
                'x',
              ),
              fc.string(),
            )
            .map((all) => `?${new URLSearchParams(all)}`),
        },
      );
      const schema = operation.requestBody?.content?.['application/json']?.schema;
      const good = schema ? valuesOf(schema) : fc.jsonValue();
      const body = fc.oneof(
        { weight: 3, arbitrary: good.chain(textOf) },
        { weight: 3, arbitrary: good.chain(spoilt).chain(textOf) },
        { weight: 1, arbitrary: fc.constant(undefined) },
      );
      return fc.record({
        operation: fc.constant(String(operation.operationId)),
        method: fc.oneof(
          { weight: 9, arbitrary: fc.constant(method.toUpperCase()) },
          { weight: 1, arbitrary: fc.constantFrom(...METHODS.map((each) => each.toUpperCase())) },
        ),
        path: fc.tuple(fc.tuple(...segments), query).map(([parts, text]) => `/v1${parts.join('/')}${text}`),
        headers,
        body: method === 'get' ? fc.constant(undefined) : body,
      });
    });
