import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { routes } from '../../functions/http/generated/routes.ts';
import { validators } from '../../functions/http/generated/validators.js';
import { generate } from '../../tools/generate.ts';
import { contract } from './support.ts';

const folder = new URL('../../functions/http/generated/', import.meta.url);

test('generated files are current', async () => {
  for (const [name, text] of Object.entries(await generate())) {
    expect(await readFile(new URL(name, folder), 'utf8')).toBe(text);
  }
});

test('the route table has every operation of the contract, under /v1', () => {
  const ids = Object.values(contract.paths as Record<string, Record<string, { operationId?: string }>>).flatMap(
    (item) => Object.values(item).flatMap(({ operationId }) => operationId ?? []),
  );
  expect(Object.keys(routes).sort()).toEqual(ids.sort());
  expect(routes.token).toEqual({
    function: 'token',
    method: 'POST',
    path: '/v1/connections/{provider}/token',
    security: ['sessionBearer', 'sessionCookie'],
    parameters: { provider: 'ProviderName' },
    misfit: 'not_found',
    headers: { 'Broker-Request': 'BrokerRequestHeader' },
    body: { schema: 'TokenRequest', required: false, bytes: 16_384 },
  });
  expect(routes.answer.body.bytes).toBe(131_072);
  expect(routes.callback.security).toEqual([]);
  expect(routes.deleteUser.security).toEqual(['serviceBearer']);
});

test('the validators stand alone and know the contract', async () => {
  expect(await readFile(new URL('validators.js', folder), 'utf8')).not.toMatch(/require\(|\bimport\b/);
  const returnTo = 'http://localhost:8081/';
  const { AuthorizeRequest, TokenRequest, ProviderName, BrokerRequestHeader, IfMatchHeader } = validators;
  expect(AuthorizeRequest({ return_to: returnTo, integrations: ['mail'] })).toBe(true);
  expect(AuthorizeRequest({ return_to: returnTo })).toBe(false);
  expect(AuthorizeRequest({ return_to: returnTo, integrations: ['mail'], scopes: ['openid'] })).toBe(false);
  expect(AuthorizeRequest({ return_to: returnTo, integrations: ['mail', 'mail'] })).toBe(false);
  expect(TokenRequest({ integration: 'files:write' })).toBe(true);
  expect(TokenRequest({ integration: 'files', scopes: ['x'] })).toBe(false);
  expect(TokenRequest({ other: 1 })).toBe(false);
  expect(ProviderName('google')).toBe(true);
  expect(ProviderName('Google/..')).toBe(false);
  expect(['1', '2', '{}', ''].map((value) => BrokerRequestHeader(value))).toEqual([true, false, false, false]);
  expect([128, 129].map((length) => IfMatchHeader('x'.repeat(length)))).toEqual([true, false]);
});
