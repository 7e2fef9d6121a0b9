/** What a browser may deny: session storage, locks, channels; and a host whose session never comes. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createBroker } from '../../client/src/broker.ts';
import { createGrants } from '../../client/src/browser-only/grants.ts';
import { createIdentity } from '../../client/src/identity.ts';
import { takeResult, wait, waitingFor } from '../../client/src/returned.ts';
import { type Call, createCall } from '../../client/src/session.ts';
import { read, remove, write } from '../../client/src/storage.ts';
import { createTokens } from '../../client/src/tokens.ts';
import { newPage, sessionIdentity } from './page.ts';

const denied = () => {
  throw new DOMException('The operation is insecure.', 'SecurityError');
};
const full = () => {
  throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
};
const put = (name: string, descriptor: PropertyDescriptor) =>
  Object.defineProperty(globalThis, name, { configurable: true, ...descriptor });

/** Ways in which a browser has no session storage. */
const storages: readonly (readonly [string, PropertyDescriptor])[] = [
  ['the property throws SecurityError', { get: denied }],
  ['is null (an Android web view without DOM storage)', { value: null }],
  ['is not there', { value: undefined }],
  ['its methods throw', { value: { getItem: denied, setItem: denied, removeItem: denied } }],
  ['it is full', { value: { getItem: () => null, setItem: full, removeItem: () => {} } }],
];
/** Ways in which a browser gives no lock. */
const locks: readonly (readonly [string, unknown])[] = [
  ['no navigator.locks', {}],
  ['denied', { locks: { request: async () => denied() } }],
  ['throws at once', { locks: { request: denied } }],
];

const wanted = { provider: 'google', integration: 'files' };
const context = {
  baseUrl: 'https://broker.example',
  returnTo: '',
  user: async () => 'user-1',
  config: async () => ({
    session: sessionIdentity,
    providers: [],
    search_ai: { enabled: false, sources: {}, document_ids: false },
  }),
  changed: () => {},
};
const call: Call = async <Answer>() => ({ access_token: 'token', expires_in: 3600 }) as Answer;
/** As browsers do: whoever waits may give up, and the lock of a tab that stands still is never given. */
const heldElsewhere = {
  locks: {
    request: (_name: string, { signal }: { signal: AbortSignal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  },
};

/** A real one would keep the process alive. */
class Channel {
  postMessage() {}
}

beforeEach(() => {
  newPage();
  put('BroadcastChannel', { value: Channel });
});
afterEach(() => {
  jest.useRealTimers();
  for (const key of ['place', 'token-broker:tokens:https://broker.example']) remove(key);
});

describe('storage that a browser denies', () => {
  test.each(storages)('%s: values live in memory, and nothing throws', async (_name, descriptor) => {
    put('sessionStorage', descriptor);
    expect(read('place')).toBeUndefined();
    expect(write('place', { a: 1 })).toBe(false);
    expect(read('place')).toEqual({ a: 1 });
    remove('place');
    expect(read('place')).toBeUndefined();

    const { get } = createTokens(context, call, true);
    expect(await get(wanted)).toBe('token');
    const grants = createGrants(context.baseUrl, () => {});
    const grant = { token: 't', goodUntil: Date.now() + 1000, scopes: [], connectedAt: '', updatedAt: '' };
    grants.set('user-1', 'google', grant);
    expect(grants.all('user-1')).toEqual({ google: grant });
    grants.forget();
    expect(grants.all('user-1')).toEqual({});
  });

  test('a value that does not fit does not leave the former one behind', () => {
    write('place', { user: 'former' });
    const { getItem, removeItem } = sessionStorage;
    put('sessionStorage', { value: { getItem, removeItem, setItem: full } });
    write('place', { user: 'next' });
    expect(read('place')).toEqual({ user: 'next' });
    expect(getItem('place')).toBeNull();
  });

  test.each(['', '{', 'null', '1', '"text"', '[]', 'undefined'])(
    '%j in it, of whoever: as if nothing was there',
    (text) => {
      sessionStorage.setItem('place', text);
      expect(read('place')).toBeUndefined();
      sessionStorage.setItem('token-broker:tokens:https://broker.example', text);
      expect(() => createTokens(context, call, true)).not.toThrow();
    },
  );

  test('a flow whose page is to be left is not begun where nothing could finish it', async () => {
    put('sessionStorage', { get: denied });
    const assign = jest.fn();
    put('location', { value: { href: 'https://product.example/', hash: '', assign } });
    expect(wait('1', { provider: 'google', flow: 'f', page: '/' })).toBe(false);
    expect(waitingFor('1')).toMatchObject({ flow: 'f' });
    jest
      .spyOn(globalThis, 'fetch')
      .mockResolvedValue(Response.json({ authorization_url: 'https://p.example', flow_id: '2', flow: 'f' }));
    const broker = createBroker({
      baseUrl: context.baseUrl,
      returnTo: 'https://product.example/bridge.html',
      session: () => 'jwt',
    });
    await expect(
      broker.connect({ provider: 'google', integrations: ['files'], mode: 'redirect' }),
    ).rejects.toMatchObject({ name: 'BrokerError', code: 'storage_denied' });
    expect(assign).not.toHaveBeenCalled();
    expect(() => takeResult()).not.toThrow();
    jest.restoreAllMocks();
  });

  test('without BroadcastChannel a broker is made all the same', () => {
    put('BroadcastChannel', {
      value: class {
        constructor() {
          denied();
        }
      },
    });
    const broker = createBroker({ baseUrl: '', returnTo: '', session: () => 'jwt' });
    expect(() => broker.signOut()).not.toThrow();
  });
});

describe('what never comes is not waited for', () => {
  test.each(locks)('locks: %s', async (_name, navigator) => {
    put('navigator', { value: navigator });
    expect(await createTokens(context, call, false).get(wanted)).toBe('token');
  });

  test('a lock that another tab does not give back: after ten seconds without, and one call', async () => {
    jest.useFakeTimers();
    put('navigator', { value: heldElsewhere });
    let calls = 0;
    const counted: Call = async <Answer>() => {
      calls += 1;
      return { access_token: 'token', expires_in: 3600 } as Answer;
    };
    const got = createTokens(context, counted, false).get(wanted);
    await jest.advanceTimersByTimeAsync(9_000);
    expect(calls).toBe(0);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await got).toBe('token');
    expect(calls).toBe(1);
  });

  test('a session that the host never gives is a typed error, and the lock is free again', async () => {
    jest.useFakeTimers();
    const never = { session: () => new Promise<string>(() => {}) };
    const asked = createCall('https://broker.example', never)('GET', '/config').catch((error) => error);
    const cookie = { session: 'cookie', user: () => new Promise<string>(() => {}) } as const;
    const known = createIdentity('', cookie)
      .user()
      .catch((error) => error);
    await jest.advanceTimersByTimeAsync(11_000);
    for (const error of [await asked, await known]) {
      expect(error).toMatchObject({ name: 'BrokerUnavailableError', code: 'session_timeout' });
    }
  });
});
