import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { routes } from '../../functions/http/generated/routes.ts';
import { type InfraManifest, MANIFEST, manifestText } from '../../tools/infra.ts';
import { functionFor } from '../rehearse/balancer.ts';

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

test('S43 no log has the paths that codes come to, and those that name a document', () => {
  const codes = ['/v1/callback/*', '/v1/sso/*/callback'];
  expect([...manifest.unlogged_paths].sort()).toEqual(['/v1/answers/documents/*/*', ...codes]);
});
