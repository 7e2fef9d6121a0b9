import { readFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import type { Config } from '../../client/src/contract.ts';
import { BrokerUnavailableError, SessionRequiredError } from '../../client/src/errors.ts';
import { connectors } from '../../client/src/search/connectors.ts';
import {
  createSearch,
  type Found,
  type Hit,
  type OwnSearch,
  type SourceStatus,
  sourceNames,
} from '../../client/src/search.ts';
import { sessionIdentity } from './page.ts';

const noConfig: Config = {
  session: sessionIdentity,
  providers: [],
  search_ai: { enabled: false, sources: {}, document_ids: false },
};
const broker = { config: async () => noConfig, getAccessToken: async () => 'token' };
const at = { baseUrl: '', session: () => 'jwt', connectors: [] };
const hits = (...ids: readonly string[]): Hit[] => ids.map((id) => ({ id, title: id }));

/** A source that answers when it is told to. */
const controlled = () => {
  let answer: (hits: readonly Hit[]) => void = () => {};
  const signals: AbortSignal[] = [];
  const ask: OwnSearch = (_query, { signal }) => {
    signals.push(signal);
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  return { ask, signals, answer: (...ids: readonly string[]) => answer(hits(...ids)) };
};

describe('all sources at once', () => {
  test('H1 results come as they are found, and the order does not depend on who was first', async () => {
    const orders: string[][] = [];
    for (const isReversed of [false, true]) {
      const [one, other] = [controlled(), controlled()];
      const seen: Found[] = [];
      const search = createSearch(broker, { ...at, own: { one: one.ask, other: other.ask } });
      const searching = search.search({ query: 'x', onProgress: (found) => seen.push(found) });
      const steps = [() => one.answer('a', 'b'), () => other.answer('c')];
      for (const step of isReversed ? steps.reverse() : steps) {
        step();
        await new Promise((resolve) => setTimeout(resolve));
      }
      const found = await searching;
      expect(seen.map(({ sources }) => Object.values(sources).map(({ state }) => state))).toEqual([
        ['searching', 'searching'],
        isReversed ? ['searching', 'ok'] : ['ok', 'searching'],
        ['ok', 'ok'],
      ]);
      expect(seen[1]?.results.map(({ id }) => id)).toEqual(isReversed ? ['c'] : ['a', 'b']);
      expect(seen[2]).toEqual(found);
      orders.push(found.results.map(({ id }) => id));
    }
    expect(orders).toEqual([
      ['a', 'c', 'b'],
      ['a', 'c', 'b'],
    ]);
  });

  test('one that hangs is timed out and aborted, while the others are there', async () => {
    const hanging = controlled();
    const own = { hanging: hanging.ask, host: async () => hits('a') };
    const found = await createSearch(broker, { ...at, own, deadline: 50 }).search({ query: 'x' });
    expect(found.sources).toEqual({ hanging: { state: 'timed_out' }, host: { state: 'ok', results: 1 } });
    expect(found.results).toHaveLength(1);
    expect(hanging.signals[0]?.aborted).toBe(true);
  });

  test('one that fails is named, however it fails', async () => {
    const own: Record<string, OwnSearch> = {
      broken: () => {
        throw new Error('at once');
      },
      busy: async () => {
        throw new BrokerUnavailableError({ code: 'rate_limited' }, { retryAfter: 7 });
      },
      // Not what was agreed.
      odd: async () => JSON.parse('{"results":[]}'),
      host: async () => hits('a'),
    };
    const found = await createSearch(broker, { ...at, own }).search({ query: 'x' });
    expect(found.sources).toEqual({
      broken: { state: 'failed', code: 'provider_error' },
      busy: { state: 'failed', code: 'rate_limited', retryAfter: 7 },
      odd: { state: 'failed', code: 'provider_error' },
      host: { state: 'ok', results: 1 },
    });
  });

  test('without a session the connectors say so, and the product’s own search is not lost', async () => {
    const over = async () => {
      throw new SessionRequiredError({ code: 'session_ended' });
    };
    const config = jest.fn(over);
    const search = createSearch(
      { ...broker, config },
      { ...at, connectors: ['drive', 'gmail'], own: { host: async () => hits('a') } },
    );
    const failed = { state: 'failed', code: 'session_ended' };
    const found = await search.search({ query: 'x' });
    expect(found.sources).toEqual({ host: { state: 'ok', results: 1 }, drive: failed, gmail: failed });
    // One question for both; and what failed is asked again.
    expect(config).toHaveBeenCalledTimes(1);
    await search.search({ query: 'x' });
    expect(config).toHaveBeenCalledTimes(2);
  });

  test('the caller’s signal ends it, and nothing is said any more', async () => {
    const hanging = controlled();
    const canceller = new AbortController();
    const onProgress = jest.fn();
    const own = { hanging: hanging.ask };
    const search = createSearch(broker, { ...at, own });
    const searching = search.search({ query: 'x', signal: canceller.signal, onProgress });
    canceller.abort();
    await expect(searching).rejects.toMatchObject({ name: 'AbortError' });
    hanging.answer('a');
    expect(onProgress).toHaveBeenCalledTimes(1);
    await expect(search.search({ query: 'x', signal: canceller.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a blank query asks nobody; an own source takes the place of its namesake', async () => {
    const drive = jest.fn(async () => hits('a'));
    const search = createSearch(broker, { ...at, connectors: ['drive'], own: { drive } });
    expect(await search.search({ query: ' ' })).toEqual({ query: ' ', results: [], sources: {} });
    expect(drive).not.toHaveBeenCalled();
    expect((await search.search({ query: 'x' })).sources).toEqual({ drive: { state: 'ok', results: 1 } });
  });
});

test('docs/front-end.md names each source with what it needs, and each state', () => {
  const text = readFileSync(new URL('../../docs/front-end.md', import.meta.url), 'utf8');
  for (const name of sourceNames) {
    expect(text).toMatch(new RegExp(`^\\| \`${name}\` \\| [^|]+ \\| \`${connectors[name].integration}\` \\|`, 'm'));
    expect(text).toContain(connectors[name].origin);
  }
  const states: Readonly<Record<SourceStatus['state'], true>> = {
    searching: true,
    ok: true,
    not_authorized: true,
    disabled: true,
    failed: true,
    timed_out: true,
  };
  for (const state of Object.keys(states)) expect(text).toContain(`| \`${state}\` |`);
});
