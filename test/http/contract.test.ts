/** What generated clients and readers need of the contract; `npm run check:clients` generates and compiles the clients. */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { contract } from './support.ts';

// biome-ignore lint/suspicious/noExplicitAny: the contract is walked as a document
type Node = any;

const schemas: Readonly<Record<string, Node>> = contract.components.schemas;
const methods = ['get', 'put', 'post', 'delete', 'patch'];
const operations: [string, Node][] = Object.entries(contract.paths as Record<string, Node>).flatMap(([path, item]) =>
  methods.flatMap((method): [string, Node][] =>
    item[method] ? [[`${method.toUpperCase()} ${path}`, item[method]]] : [],
  ),
);

/** Every object in the document, with the way to it. */
function* nodes(node: Node, way: readonly string[] = []): Generator<readonly [readonly string[], Node]> {
  if (typeof node !== 'object' || node === null) return;
  yield [way, node];
  for (const [key, child] of Object.entries(node)) yield* nodes(child, [...way, key]);
}

const isNamedSchema = (way: readonly string[]) => way.length === 3 && way[0] === 'components' && way[1] === 'schemas';
const placesWhere = (wanted: (node: Node, way: readonly string[]) => boolean): string[] =>
  [...nodes(contract)].filter(([way, node]) => wanted(node, way)).map(([way]) => way.join('/'));

test('the contract says whose it is', () => {
  expect(contract.info.contact.name).toEqual(expect.any(String));
});

test.each(operations)('%s has a summary and a description', (_, { summary, description }) => {
  expect(summary).toMatch(/\w{3}/);
  expect(description).toMatch(/\w{3}/);
});

test('every component is used by an operation', () => {
  const used = new Set<string>();
  const follow = (node: Node): void => {
    for (const [, { $ref }] of nodes(node)) {
      if (typeof $ref !== 'string' || used.has($ref)) continue;
      used.add($ref);
      follow(
        $ref
          .split('/')
          .slice(1)
          .reduce((parent: Node, key) => parent[key], contract),
      );
    }
  };
  follow(contract.paths);
  const all = ['schemas', 'parameters', 'headers', 'responses'].flatMap((kind) =>
    Object.keys(contract.components[kind]).map((name) => `#/components/${kind}/${name}`),
  );
  expect(all.filter((each) => !used.has(each))).toEqual([]);
});

test('every enum has a name of its own: openapi-generator loses one that stands inside of a oneOf', () => {
  expect(
    placesWhere((node, way) => Array.isArray(node.enum) && !isNamedSchema(way) && way.at(-1) !== 'variables'),
  ).toEqual([]);
});

test('every object has a name of its own, but for the parts of an allOf', () => {
  const isPart = (way: readonly string[]) => way.at(-2) === 'allOf';
  expect(
    placesWhere(
      (node, way) => node.type === 'object' && node.properties !== undefined && !isNamedSchema(way) && !isPart(way),
    ),
  ).toEqual([]);
});

test('no two enums have a value of one name: constants of a Go package share one room', () => {
  const holders = new Map<string, string[]>();
  for (const [name, schema] of Object.entries(schemas)) {
    if (!schema.enum) continue;
    const names: string[] = schema['x-enum-varnames'] ?? schema.enum.map((value: string) => value.toUpperCase());
    expect([name, names.length, new Set(names).size]).toEqual([name, schema.enum.length, schema.enum.length]);
    for (const each of names) holders.set(each, [...(holders.get(each) ?? []), name]);
  }
  expect([...holders].filter(([, { length }]) => length > 1)).toEqual([]);
});

test('check:clients says what it lacks, and does not fail for that', () => {
  const program = fileURLToPath(new URL('../../tools/check-clients.ts', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, ['--no-warnings', program], {
    encoding: 'utf8',
    env: { PATH: tmpdir(), HOME: tmpdir() },
  });
  expect(stdout).toMatch(/skipped.*Java/);
  expect(status).toBe(0);
});
