import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { BrokerError, BrokerUnavailableError } from '../../client/src/errors.ts';
import type { Call } from '../../client/src/session.ts';
import { createTokens } from '../../client/src/tokens.ts';
import { newPage, sessionIdentity } from './page.ts';

const HOUR = 3600;
const wanted = { provider: 'google', integration: 'files' };

let user = 'user-1';
let changes = 0;
const context = {
  baseUrl: 'https://broker.example',
  returnTo: '',
  user: async () => user,
  config: async () => ({
    session: sessionIdentity,
    providers: [],
    search_ai: { enabled: false, sources: {}, document_ids: false },
  }),
  changed: () => {
    changes += 1;
  },
};

/** Each call of the broker answers the next token, or throws what was put there. */
const createBroker = (life = HOUR) => {
  const broker = { calls: 0, fail: undefined as Error | undefined, gate: Promise.resolve() };
  const call: Call = async <Answer>() => {
    broker.calls += 1;
    const token = `token-${broker.calls} of ${user}`;
    await broker.gate;
    if (broker.fail) throw broker.fail;
    return { access_token: token, expires_in: life } as Answer;
  };
  return { broker, call };
};

beforeEach(() => {
  jest.useFakeTimers();
  newPage();
  user = 'user-1';
  changes = 0;
});
afterEach(() => {
  jest.useRealTimers();
});
const pass = (seconds: number) => jest.setSystemTime(Date.now() + seconds * 1000);

describe('tokens in a tab', () => {
  test('one is used until it is to be renewed; the renewal keeps nobody waiting, and jitter spreads it', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    const { broker, call } = createBroker();
    const { get } = createTokens(context, call, false);
    expect(await get(wanted)).toBe('token-1 of user-1');
    pass(0.85 * HOUR - 1);
    expect(await get(wanted)).toBe('token-1 of user-1');
    expect(broker.calls).toBe(1);
    pass(2);
    expect(await get(wanted)).toBe('token-1 of user-1');
    await jest.advanceTimersByTimeAsync(0);
    expect(broker.calls).toBe(2);
    expect(await get(wanted)).toBe('token-2 of user-1');

    // The earliest and the latest.
    for (const [random, share] of [
      [0, 0.8],
      [1, 0.9],
    ] as const) {
      jest.spyOn(Math, 'random').mockReturnValue(random);
      const other = createBroker();
      const tokens = createTokens(context, other.call, false);
      await tokens.get(wanted);
      pass(share * HOUR - 1);
      await tokens.get(wanted);
      expect(other.broker.calls).toBe(1);
      pass(2);
      await tokens.get(wanted);
      expect(other.broker.calls).toBe(2);
    }
    jest.restoreAllMocks();
  });

  test('by the clock: in its last half minute it is waited for, whatever timers did', async () => {
    const { call } = createBroker();
    const { get } = createTokens(context, call, false);
    await get(wanted);
    pass(HOUR - 29);
    expect(await get(wanted)).toBe('token-2 of user-1');
  });

  test('an outage leaves what is held; a refusal takes it away, and says so once', async () => {
    const { broker, call } = createBroker();
    const { get } = createTokens(context, call, false);
    await get(wanted);
    broker.fail = new BrokerUnavailableError({ code: 'idp_unavailable' }, { retryAfter: 3 });
    await expect(get({ ...wanted, forceRefresh: true })).rejects.toMatchObject({ retryAfter: 3 });
    expect(await get(wanted)).toBe('token-1 of user-1');
    broker.fail = new BrokerError({ code: 'integration_disabled' });
    await expect(get({ ...wanted, forceRefresh: true })).rejects.toThrow('integration_disabled');
    await expect(get(wanted)).rejects.toThrow('integration_disabled');
    expect(changes).toBe(1);
  });

  test('refresh_in_progress is waited for, a few times and no longer; longer waits are the caller’s', async () => {
    const { broker, call } = createBroker();
    const { get } = createTokens(context, call, false);
    broker.fail = new BrokerUnavailableError({ code: 'refresh_in_progress' }, { retryAfter: 1 });
    const busy = expect(get(wanted)).rejects.toMatchObject({ code: 'refresh_in_progress', retryAfter: 1 });
    await jest.advanceTimersByTimeAsync(10_000);
    await busy;
    expect(broker.calls).toBe(4);
    broker.fail = new BrokerUnavailableError({ code: 'refresh_in_progress' }, { retryAfter: 6 });
    await expect(get(wanted)).rejects.toMatchObject({ retryAfter: 6 });
    expect(broker.calls).toBe(5);
  });

  test('a user who goes while a token is on its way does not get it, and neither does the next', async () => {
    for (const leave of [(tokens: { forget(isOver: boolean): void }) => tokens.forget(true), () => {}]) {
      user = 'user-1';
      const { broker, call } = createBroker();
      const tokens = createTokens(context, call, true);
      let answer = () => {};
      broker.gate = new Promise((resolve) => {
        answer = resolve;
      });
      const coming = expect(tokens.get(wanted)).rejects.toMatchObject({ name: 'SessionRequiredError' });
      await jest.advanceTimersByTimeAsync(0);
      user = 'user-2';
      leave(tokens);
      answer();
      await coming;
      expect(await tokens.get(wanted)).toBe('token-2 of user-2');
      expect(JSON.stringify(sessionStorage)).not.toContain('of user-1');
    }
  });

  test('what another tab has made out of date is not kept, even if it was on its way', async () => {
    const { broker, call } = createBroker();
    const tokens = createTokens(context, call, false);
    let answer = () => {};
    broker.gate = new Promise((resolve) => {
      answer = resolve;
    });
    const coming = tokens.get(wanted);
    await jest.advanceTimersByTimeAsync(0);
    tokens.forget(false);
    answer();
    expect(await coming).toBe('token-1 of user-1');
    expect(await tokens.get(wanted)).toBe('token-2 of user-1');
  });

  test('in the session storage: good for the same user after a reload, and for no other', async () => {
    const { call } = createBroker();
    await createTokens(context, call, true).get(wanted);
    expect(await createTokens(context, call, true).get(wanted)).toBe('token-1 of user-1');
    user = 'user-2';
    expect(await createTokens(context, call, true).get(wanted)).toBe('token-2 of user-2');
  });
});
