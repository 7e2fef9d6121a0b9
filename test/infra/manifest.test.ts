import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { routes } from '../../functions/http/generated/routes.ts';
import { type InfraManifest, MANIFEST, manifestText } from '../../tools/infra.ts';
import { functionFor } from '../rehearse/balancer.ts';
import { contract } from '../support/contract.ts';
import { readConfiguration } from './configuration.ts';

const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8')) as InfraManifest;

test('infra/generated/manifest.json is current (npm run generate)', async () => {
  expect(readFileSync(MANIFEST, 'utf8')).toBe(await manifestText());
});

test.each(Object.entries(routes))('%s is found by its path, or not at all where it is internal', (_, route) => {
  const internal = (route.security as readonly string[]).includes('schedulerBearer');
  const path = route.path.replace(/\{\w+\}/g, 'a%2Fb.c');
  expect(functionFor(manifest.routes, `${path}?x=/y`)).toBe(internal ? undefined : route.function);
});

test('callback is given public keys, and where it may lead to', () => {
  const { required, secrets, privileges, client_secrets } = manifest.functions.callback ?? {};
  expect({ required, secrets, privileges, client_secrets }).toEqual({
    required: ['GOOGLE_CLOUD_PROJECT', 'RETURN_URLS', 'STATE_PUBLIC_KEYS', 'COMPLETION_PUBLIC_KEYS'],
    secrets: [],
    privileges: [],
    client_secrets: 'none',
  });
});

test('no function gets a development setting', () => {
  const names = Object.values(manifest.functions).flatMap(({ required, optional, secrets }) => [
    ...required,
    ...optional,
    ...secrets,
  ]);
  expect(names.filter((name) => /EMULATOR|DEVELOPMENT|ENDPOINTS/.test(name))).toEqual([]);
});

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
}
interface Operation {
  readonly operationId?: string;
  readonly parameters?: readonly Parameter[];
}
type Item = Operation & Readonly<Record<'get' | 'put' | 'post' | 'delete', Operation | undefined>>;
const resolved = (parameter: Parameter): Parameter =>
  parameter.$ref ? contract.components.parameters[parameter.$ref.split('/').at(-1) ?? ''] : parameter;

/** Names of parameters that say nothing about a person. Whatever else a path or query has must be in no log. */
const HARMLESS = ['provider', 'integration', 'source', 'platform', 'return_to', 'tenant', 'challenge'];

describe('request logs', () => {
  let pattern: RegExp;
  beforeAll(async () => {
    const { locals, resources } = await readConfiguration();
    // What terraform makes of it: the paths of the manifest between the ends that logging.tf has.
    const paths = manifest.unlogged_paths.map((path) => path.replaceAll('*', '[^/?]+')).join('|');
    const text = String(locals.get('unlogged_pattern')).replace(/\$\{.*\}/, paths);
    pattern = new RegExp(text);
    const { filter } = resources.get('google_logging_project_exclusion.codes') ?? {};
    expect(filter).toBe('httpRequest.requestUrl =~ "${local.unlogged_pattern}"');
  });

  const operations = Object.entries(contract.paths as Record<string, Item>).flatMap(([path, item]) =>
    [item.get, item.put, item.post, item.delete].flatMap((operation) => {
      if (!operation) return [];
      const { operationId, parameters = [] } = operation;
      const all = [...(item.parameters ?? []), ...parameters].map(resolved);
      return [{ operationId, path, parameters: all.filter((parameter) => ['path', 'query'].includes(parameter.in)) }];
    }),
  );

  test.each(operations)('S43 $operationId: no log has a URL that names a person or holds a secret', (operation) => {
    const { path, parameters } = operation;
    const inPath = path.replace(/\{\w+\}/g, 'jane.doe%40org-1.example');
    const query = parameters.filter((each) => each.in === 'query').map(({ name }) => `${name}=x/y`);
    // By path: a log tells no method from another.
    const isPersonal = operations
      .filter((each) => each.path === path)
      .some((each) => each.parameters.some(({ name }) => !HARMLESS.includes(name)));
    for (const origin of ['https://broker.example.com', 'https://broker-x-abc-ew.a.run.app', 'http://[::1]:8080']) {
      for (const end of ['', `?${query.join('&')}`, ...(isPersonal ? ['/', '/?x=y', '/x'] : [])]) {
        const url = `${origin}/v1${inPath}${end}`;
        expect([url, pattern.test(url)]).toEqual([url, isPersonal || isBelowPersonal(path)]);
      }
    }
    if (isPersonal) {
      const owner = manifest.routes.find((route) => route.path === `/v1${path.replace(/\{\w+\}/g, '*')}`);
      expect(manifest.unlogged_paths).toContain(owner?.path);
    }
  });

  const isBelowPersonal = (path: string) =>
    manifest.unlogged_paths.some((unlogged) => `/v1${path.replace(/\{\w+\}/g, '*')}`.startsWith(`${unlogged}/`));

  test('S43 what looks like such a path elsewhere in a URL is logged', () => {
    for (const path of ['/other?next=/v1/callback/google', '/v1/directory/usersx', '/v1/connections/google/token'])
      expect(pattern.test(`https://broker.example.com${path}`)).toBe(false);
  });
});
