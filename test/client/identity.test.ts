/** Who is signed in: exactly what the broker takes from the session, and nobody's token for anybody else. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { type Broker, createBroker } from '../../client/src/broker.ts';
import { browserOnly } from '../../client/src/browser-only.ts';
import { createIdentity } from '../../client/src/identity.ts';
import type { Session } from '../../client/src/session.ts';
import { claimAt } from '../../functions/adapters/claim.ts';
import { userKey } from '../../functions/core/identity.ts';
import { newPage } from './page.ts';

type Claims = Record<string, unknown>;
const jwt = (claims: Claims, mark = 'x') => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${mark}`;
const claimsOf = (token: string): Claims => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

const jane: Claims = {
  iss: 'https://host.example',
  uid: 'user-1',
  firebase: { tenant: 'org-1' },
  fva: [1, -1],
  jti: 'a',
  roles: ['a', 'b'],
  exp: 1,
};
const john: Claims = { ...jane, uid: 'user-2' };
const PLACES = [['iss'], ['uid'], ['firebase', 'tenant']];
const owner = (claims: Claims) => ({ user: String(claims.uid), tenant: String(claimAt(claims, '/firebase/tenant')) });

/** A broker that takes `uid` and `/firebase/tenant`; opaque tokens are exchanged before it. */
const createServer = () => {
  const server = {
    down: false,
    asked: 0,
    tokens: 0,
    opaque: new Map<string, Claims>(),
    /** What the cookie of the browser is. */
    cookie: jane,
    /** Runs while a request is under way. */
    meanwhile: () => {},
    flow: 'authorization_code',
  };
  const identityOf = (init: RequestInit): Claims => {
    const bearer = new Headers(init.headers).get('authorization')?.replace('Bearer ', '');
    if (bearer === undefined) return server.cookie;
    return server.opaque.get(bearer) ?? claimsOf(bearer);
  };
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, init = {}) => {
    if (server.down) throw new TypeError('network');
    const claims = identityOf(init);
    const user = userKey('https://host.example', owner(claims));
    await Promise.resolve();
    server.meanwhile();
    const path = new URL(String(url)).pathname;
    if (path === '/v1/config') {
      server.asked += 1;
      const google = { provider: 'google', kind: 'google', flow: server.flow, integrations: [] };
      return Response.json({ session: { user, claims: PLACES }, providers: [google], search_ai: {} });
    }
    server.tokens += 1;
    return Response.json({ access_token: `token of ${claims.uid} at ${owner(claims).tenant}`, expires_in: 3600, user });
  });
  return server;
};

const brokerOf = (session: Session, more: object = {}): Broker =>
  createBroker({ baseUrl: 'https://broker.example', returnTo: 'https://page.example/back', ...session, ...more });
const files = { provider: 'google', integration: 'files' };

beforeEach(newPage);
afterEach(() => {
  jest.restoreAllMocks();
});

describe('who is signed in', () => {
  test('is what the configured claims say, whatever else a token says, in whichever order', async () => {
    createServer();
    const { userOf } = createIdentity('https://broker.example', { session: () => jwt(jane) });
    const first = await userOf(jwt(jane));
    const other = fc.dictionary(
      fc.constantFrom(
        'fva',
        'uti',
        'aio',
        'rh',
        'jti',
        'sid',
        'sub',
        'auth_time',
        'amr',
        'roles',
        'exp',
        'iat',
        'nbf',
        'tenant',
        'o',
      ),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(other, fc.boolean(), async (more, reversed) => {
        const entries = Object.entries({ ...jane, ...more });
        expect(await userOf(jwt(Object.fromEntries(reversed ? entries.toReversed() : entries)))).toBe(first);
      }),
      { numRuns: 100 },
    );
  });

  test('differs exactly where the broker takes another user', async () => {
    createServer();
    const { userOf } = createIdentity('https://broker.example', { session: () => jwt(jane) });
    const id = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
      fc.constantFrom(
        'é',
        'e\u0301',
        'Å',
        '\u212b',
        ' a',
        'a',
        'A',
        '__proto__',
        'constructor',
        '\u0000',
        '["a"]',
        '","',
      ),
    );
    const who = fc.record({
      iss: fc.constantFrom('https://host.example', 'https://other.example'),
      uid: id,
      tenant: id,
    });
    await fc.assert(
      fc.asyncProperty(who, who, async (one, two) => {
        const [a, b] = [one, two].map(({ tenant, ...rest }) => ({ ...rest, firebase: { tenant } })) as unknown as [
          Claims,
          Claims,
        ];
        const keys = [a, b].map((claims) => userKey(String(claims.iss), owner(claims)));
        expect((await userOf(jwt(a))) === (await userOf(jwt(b)))).toBe(keys[0] === keys[1]);
      }),
      { numRuns: 300 },
    );
  });

  test('a renewed session costs no request, not even after the page was loaded anew or while the broker is away', async () => {
    const server = createServer();
    const { user } = createIdentity('https://broker.example', { session: () => jwt({ ...jane, jti: Math.random() }) });
    const first = await user();
    for (let n = 0; n < 5; n++) expect(await user()).toBe(first);
    expect(server.asked).toBe(1);
    server.down = true;
    const reloaded = createIdentity('https://broker.example', { session: () => jwt({ ...jane, jti: 'reloaded' }) });
    expect(await reloaded.user()).toBe(first);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 7_200_000);
    expect(await reloaded.user()).toBe(first);
  });

  test('a session that the page cannot read is known by what the broker answers', async () => {
    const server = createServer();
    server.opaque
      .set('one', jane)
      .set('two', { ...jane, jti: 'b' })
      .set('three', john)
      .set('a.b.c.d.e', jane);
    const { userOf } = createIdentity('https://broker.example', { session: () => 'one' });
    const first = await userOf('one');
    expect(await userOf('two')).toBe(first);
    expect(await userOf('a.b.c.d.e')).toBe(first);
    expect(await userOf('three')).not.toBe(first);
    server.down = true;
    await expect(userOf('four')).rejects.toMatchObject({ name: 'BrokerUnavailableError' });
  });

  test('none is an error; with the cookie, the host says; a broker that names no claims compares all but the times', async () => {
    createServer();
    const none = createIdentity('https://broker.example', { session: () => undefined });
    await expect(none.user()).rejects.toMatchObject({ name: 'SessionRequiredError' });
    expect(await createIdentity('', { session: 'cookie', user: () => 'user-1' }).user()).toBe('user-1');
    jest.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json({ providers: [], search_ai: {} }));
    const { userOf } = createIdentity('https://old.example', { session: () => jwt(jane) });
    expect(await userOf(jwt({ ...jane, exp: 2, jti: 'b' }))).toBe(await userOf(jwt(jane)));
    expect(await userOf(jwt({ ...jane, roles: [] }))).not.toBe(await userOf(jwt(jane)));
  });
});

describe('tokens', () => {
  test('are kept while the session is renewed, and gone at once when the user changes', async () => {
    const server = createServer();
    let claims = jane;
    const broker = brokerOf({ session: () => jwt({ ...claims, jti: Math.random() }) });
    for (let n = 0; n < 3; n++) expect(await broker.getAccessToken(files)).toBe('token of user-1 at org-1');
    expect([server.tokens, server.asked]).toEqual([1, 1]);
    for (const next of [john, { ...jane, firebase: { tenant: 'org-2' } }, jane]) {
      claims = next;
      const { user, tenant } = owner(next);
      expect(await broker.getAccessToken(files)).toBe(`token of ${user} at ${tenant}`);
    }
    expect(server.tokens).toBe(4);
  });

  test("nobody gets another's, whenever the session changes: also there and back while a call is under way", async () => {
    const names = ['user-1', 'user-2'];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(3), { maxLength: 12 }),
        fc.boolean(),
        async (users, changes, opaque) => {
          newPage();
          const server = createServer();
          let now = 'user-1';
          for (const name of names) server.opaque.set(name, { ...jane, uid: name });
          const later = [...users];
          const steps = [...changes];
          // The host changes the session at any of the moments at which the SDK, or the broker, looks at it.
          const maybe = () => {
            if ((steps.shift() ?? 1) === 0) now = later.shift() ?? now;
          };
          server.meanwhile = maybe;
          const session = () => {
            maybe();
            return opaque ? now : jwt({ ...jane, uid: now, jti: Math.random() });
          };
          const broker = brokerOf({ session });
          for (let n = 0; n < 6; n++) {
            const token = await broker.getAccessToken(files).catch((error: Error) => error);
            if (typeof token === 'string') expect(token).toBe(`token of ${now} at org-1`);
            else expect(token).toMatchObject({ name: 'SessionRequiredError' });
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test('a cookie that became somebody else is noticed before the token is kept', async () => {
    const server = createServer();
    const broker = brokerOf({ session: 'cookie', user: () => 'user-1' });
    expect(await broker.getAccessToken(files)).toBe('token of user-1 at org-1');
    server.cookie = john;
    await expect(broker.getAccessToken({ ...files, forceRefresh: true })).rejects.toMatchObject({
      name: 'SessionRequiredError',
    });
    server.cookie = jane;
    expect(await broker.getAccessToken(files)).toBe('token of user-1 at org-1');
  });

  test('browser-only connections outlive every renewal, and the next user finds none', async () => {
    const server = createServer();
    server.flow = 'implicit';
    let claims = jane;
    const place = 'token-broker:browser-only:https://broker.example';
    const session = () => jwt({ ...claims, jti: Math.random(), fva: [Math.random(), -1] });
    const { user } = createIdentity('https://broker.example', { session });
    const grant = { token: 't', goodUntil: Date.now() + 3_600_000, scopes: [], connectedAt: '', updatedAt: '' };
    sessionStorage.setItem(place, JSON.stringify({ user: await user(), grants: { google: grant } }));
    const broker = brokerOf({ session }, { flows: browserOnly });
    const scopes = { provider: 'google', scopes: [] };
    for (let n = 0; n < 3; n++) expect(await broker.getAccessToken(scopes)).toBe('t');
    server.down = true;
    expect(await broker.getAccessToken(scopes)).toBe('t');
    server.down = false;
    claims = john;
    await expect(broker.getAccessToken(scopes)).rejects.toMatchObject({ reason: 'no_connection' });
  });
});
