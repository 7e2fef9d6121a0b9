/** The federated credential: an ID token of the function's own service account, from a stand-in for the metadata server. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { identityToken } from '../../functions/adapters/google/identity.ts';

test('the metadata server is asked for the audience, and for nothing else', async () => {
  const asked: string[] = [];
  const payload = Buffer.from(JSON.stringify({ exp: Math.floor(Date.now() / 1000) + 3600 })).toString('base64url');
  const server = createServer((req, res) => {
    asked.push(`${req.headers['metadata-flavor']} ${req.url}`);
    res.setHeader('Metadata-Flavor', 'Google');
    res.end(req.url?.includes('/identity') ? `e30.${payload}.c2ln` : 'local-project');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { GCE_METADATA_HOST, METADATA_SERVER_DETECTION } = process.env;
  process.env.GCE_METADATA_HOST = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.METADATA_SERVER_DETECTION = 'assume-present';
  try {
    expect(await identityToken('api://AzureADTokenExchange')).toBe(`e30.${payload}.c2ln`);
    const identity = asked.filter((each) => each.includes('/identity'));
    expect(identity).toEqual([
      expect.stringContaining('Google /computeMetadata/v1/instance/service-accounts/default/identity?'),
    ]);
    expect(new URL(identity[0]?.split(' ')[1] ?? '', 'http://x').searchParams.get('audience')).toBe(
      'api://AzureADTokenExchange',
    );
  } finally {
    process.env.GCE_METADATA_HOST = GCE_METADATA_HOST;
    process.env.METADATA_SERVER_DETECTION = METADATA_SERVER_DETECTION;
    if (GCE_METADATA_HOST === undefined) delete process.env.GCE_METADATA_HOST;
    server.close();
  }
});
