/** The federated credential: an ID token of the function's own service account, from a stand-in for the metadata server. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { identityToken } from '../../functions/adapters/google/identity.ts';

const AUDIENCE = 'api://AzureADTokenExchange';

const ask = async (answer: RequestListener): Promise<string> => {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await identityToken(AUDIENCE, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

test('the metadata server is asked once, for the audience', async () => {
  const asked: string[] = [];
  const token = await ask((req, res) => {
    asked.push(`${req.headers['metadata-flavor']} ${req.url}`);
    res.setHeader('Metadata-Flavor', 'Google').end('e30.e30.c2ln');
  });
  expect(token).toBe('e30.e30.c2ln');
  const path = '/computeMetadata/v1/instance/service-accounts/default/identity';
  expect(asked).toEqual([`Google ${path}?audience=${encodeURIComponent(AUDIENCE)}&format=full`]);
});

test.each<[string, RequestListener]>([
  ['an error', (_req, res) => res.writeHead(404, { 'Metadata-Flavor': 'Google' }).end('no account')],
  ['somebody else', (_req, res) => res.end('e30.e30.c2ln')],
])('%s is no identity', async (_name, answer) => {
  await expect(ask(answer)).rejects.toThrow('the metadata server answers');
});
