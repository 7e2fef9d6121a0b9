/** Where the HTTP client goes at all: S35, whoever names the address. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createHttpClient } from '../../functions/adapters/http-client.ts';
import { type StubProvider, startStubProvider } from '../support/stub-provider.ts';

describe('S35 addresses', () => {
  let stub: StubProvider;
  beforeEach(async () => {
    stub = await startStubProvider();
  });
  afterEach(() => stub.close());

  const client = () => createHttpClient({ developmentOrigins: ['http://127.0.0.1:1'] });
  const refused = { code: 'address', sent: false };

  test('plain HTTP, credentials, other origins and other schemes open no socket', async () => {
    const { host, port } = new URL(stub.origin);
    const urls = [
      stub.origin,
      `http://localhost:${port}`,
      `http://user@${host}`,
      `https://user:password@${host}`,
      'http://127.0.0.1:1@evil.example',
      'ftp://127.0.0.1:1/',
      'file:///etc/passwd',
      'not a URL',
      '',
    ];
    for (const url of urls) {
      await expect(client().request({ method: 'GET', url })).rejects.toMatchObject(refused);
      expect(client().allows(url)).toBe(false);
    }
    expect(stub.connections).toBe(0);
  });

  const PRIVATE = [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::1',
  ];
  const PUBLIC = ['8.8.8.8', '172.15.0.1', '172.32.0.1', '100.128.0.1', '223.255.255.255', '2606:4700::1111'];
  const literal = (address: string) => `https://${address.includes(':') ? `[${address}]` : address}/`;

  test.each(PRIVATE)('%s is refused, as itself and behind a name', async (address) => {
    expect(client().allows(literal(address))).toBe(false);
    const resolve = async () => [{ address, family: address.includes(':') ? 6 : 4 }];
    const named = createHttpClient({ resolve });
    const url = `https://name.example:${new URL(stub.origin).port}/`;
    await expect(named.request({ method: 'GET', url })).rejects.toMatchObject(refused);
    expect(stub.connections).toBe(0);
  });

  test.each(PUBLIC)('%s is public', (address) => {
    expect(client().allows(literal(address))).toBe(true);
  });

  test.each(['https://2130706433/', 'https://0x7f.1/', 'https://127.1/', 'https://[::ffff:7f00:1]/'])(
    '%s is loopback in disguise',
    (url) => {
      expect(client().allows(url)).toBe(false);
    },
  );

  test('a name with one private address among public ones is refused', async () => {
    const resolve = async () => [
      { address: '8.8.8.8', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ];
    const named = createHttpClient({ resolve });
    await expect(named.request({ method: 'GET', url: 'https://name.example/' })).rejects.toMatchObject(refused);
  });

  test('a name is resolved for each connection, and what was checked is what is connected to', async () => {
    const { port } = new URL(stub.origin);
    const answers = ['10.0.0.1', '127.0.0.1'];
    const resolve = jest.fn(async () => [{ address: answers.shift() ?? '', family: 4 }]);
    const named = createHttpClient({ resolve });
    for (let turn = 1; turn <= 2; turn++) {
      const request = named.request({ method: 'GET', url: `https://name.example:${port}/` });
      await expect(request).rejects.toMatchObject(refused);
      expect(resolve).toHaveBeenCalledTimes(turn);
    }
    expect(stub.connections).toBe(0);
  });

  test('a development origin is exact', () => {
    const one = createHttpClient({ developmentOrigins: ['http://127.0.0.1:9000'] });
    expect(one.allows('http://127.0.0.1:9000/token')).toBe(true);
    for (const url of [
      'http://127.0.0.1:90000',
      'http://127.0.0.1',
      'http://localhost:9000',
      'https://127.0.0.1:9000',
    ]) {
      expect(one.allows(url)).toBe(false);
    }
  });
});
