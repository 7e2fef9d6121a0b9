/** What `npm start` can be told, and what it says when that will not do. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { isReachable } from '../local/firestore/emulator.ts';
import { startStack } from '../local/stack.ts';
import { explainStart, readSettings } from '../local/start-settings.ts';
import { startTestStack } from './support/broker.ts';

describe('the settings of npm start', () => {
  test('have defaults, and take what is given', () => {
    const ports = {
      broker: 8080,
      demo: 8081,
      microsoft: 8082,
      google: 8083,
      notes: 8084,
      workspace: 8085,
      gemini: 8086,
    };
    expect(readSettings({})).toEqual({ ports });
    expect(readSettings({ PORT: '', FRONT_END: '', FIRESTORE_EMULATOR_HOST: '' })).toEqual({ ports });
    const given = {
      PORT: '80',
      DEMO_PORT: '65535',
      FRONT_END: 'http://localhost:3000',
      FIRESTORE_EMULATOR_HOST: 'a:1',
    };
    expect(readSettings(given)).toEqual({
      ports: { ...ports, broker: 80, demo: 65535 },
      frontEnd: 'http://localhost:3000/',
      firestore: 'a:1',
    });
  });

  test.each([
    [{ PORT: '0' }, /^PORT must be a whole number/],
    [{ PORT: '-1' }, /^PORT must/],
    [{ PORT: '80a' }, /^PORT must/],
    [{ PORT: '1e3' }, /^PORT must/],
    [{ DEMO_PORT: '65536' }, /^DEMO_PORT must be a whole number/],
    [{ DEMO_PORT: '8080' }, /must differ/],
    [{ PORT: '8083' }, /must differ/],
    [{ FRONT_END: 'localhost:3000' }, /^FRONT_END must be one http\(s\) URL/],
    [{ FRONT_END: 'http://a.example/ http://b.example/' }, /^FRONT_END must/],
    [{ FRONT_END: 'http://a.example/#x' }, /^FRONT_END must/],
    [{ FRONT_END: 'http://' }, /^FRONT_END must/],
  ])('%j is refused with a sentence', (environment, sentence) => {
    expect(() => readSettings(environment)).toThrow(sentence);
  });

  test('a port that is taken is named with the variable that chooses another', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await isReachable(`127.0.0.1:${port}`)).toBe(true);
    const settings = (name: string) => readSettings({ [name]: `${port}` });
    const lines: string[] = [];
    for (const [of, name] of [
      ['broker', 'PORT'],
      ['demo', 'DEMO_PORT'],
    ] as const) {
      const error = await startStack({ ports: { [of]: port }, log: (line) => lines.push(line) }).catch((each) => each);
      expect(explainStart(error, settings(name))).toMatch(new RegExp(`^Port ${port} is taken: .* with ${name}\\.$`));
    }
    expect(lines).toEqual([]);
    server.close();
    await once(server, 'close');
    expect(await isReachable(`127.0.0.1:${port}`)).toBe(false);
    for (const odd of ['', 'not an address', 'http://127.0.0.1:1']) expect(await isReachable(odd)).toBe(false);
  });
});

test('one more front end may be returned to, and may call the broker and the providers', async () => {
  const frontEnd = 'http://localhost:3000/app';
  const stack = await startTestStack({ frontEnd });
  try {
    const { origin } = new URL(frontEnd);
    const started = await stack.call('POST', '/v1/connections/google/authorize', {
      token: await stack.session(),
      headers: { origin },
      body: { integrations: ['files'], return_to: frontEnd },
    });
    expect(started.status).toBe(200);
    expect(started.headers.get('access-control-allow-origin')).toBe(origin);
    for (const [provider, path] of Object.entries({
      microsoft: '/v1.0/me/messages',
      google: '/drive/v3/files',
      notes: '/me/notes',
    })) {
      const ask = (from: string) =>
        fetch(stack.providers[provider as 'google'].origin + path, { headers: { origin: from } });
      expect((await ask(origin)).headers.get('access-control-allow-origin')).toBe(origin);
      expect((await ask('http://localhost:3001')).headers.get('access-control-allow-origin')).toBeNull();
    }
  } finally {
    await stack.stop();
  }
});
