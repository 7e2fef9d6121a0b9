/**
 * Search from the browser, and answers from what it has found.
 *
 *     const search = createSearch(broker, { baseUrl, session, own: { host: searchProduct } });
 *     const found = await search.search({ query, onProgress: show });
 *     for await (const event of search.answer(found)) append(event);
 *
 * Each source is asked by this page itself, with the user's own token: what is found goes nowhere, unless `answer` is
 * called. Nothing of it is kept.
 */
import type { Broker } from './broker.ts';
import type { Config } from './contract.ts';
import { type Answers, createAnswers } from './search/answers.ts';
import { createAsk, type Origins, statusOf } from './search/ask.ts';
import { type ConnectorName, connectors, sourceNames } from './search/connectors.ts';
import { fuse } from './search/rank.ts';
import { type Found, type Hit, resultOf, type SearchResult, type SourceStatus } from './search/result.ts';
import type { Session } from './session.ts';
import { until } from './until.ts';

export type { AnswerDocument, SourceCount } from './contract.ts';
export type { AnswerEvent, AnswerOptions, Answers } from './search/answers.ts';
export { type ConnectorName, sourceNames } from './search/connectors.ts';
export type { Found, Hit, SearchResult, SourceStatus } from './search/result.ts';

/** A search of the product's own. `signal` is aborted at its deadline. @returns the best first */
export type OwnSearch = (query: string, options: { readonly signal: AbortSignal }) => Promise<readonly Hit[]>;

export type SearchOptions = Session & {
  /** The broker's origin; empty where it is this page's. */
  readonly baseUrl: string;
  /** The product's own searches, by the names that the organization's policy has for them (`host`). They come first. */
  readonly own?: Readonly<Record<string, OwnSearch>>;
  /** Which of the providers' are asked; all of them by default. One of the product's own takes the place of its namesake. */
  readonly connectors?: readonly ConnectorName[];
  /** Milliseconds that each source has; 8,000 by default. */
  readonly deadline?: number;
  /** Where a provider's APIs are, if not at their usual place: sovereign clouds, simulators. */
  readonly origins?: Origins;
};

export interface SearchQuery {
  /** A blank one asks nobody. */
  readonly query: string;
  readonly signal?: AbortSignal | undefined;
  /** Called with all that is there, in its order: at once, and whenever a source has ended. */
  readonly onProgress?: ((found: Found) => void) | undefined;
}

export interface Search extends Answers {
  /**
   * Asks all sources at once. Whatever goes wrong at one is in `sources`, and the others' results are there all the same:
   * it throws only when `signal` is aborted.
   */
  search(options: SearchQuery): Promise<Found>;
}

interface Source {
  readonly name: string;
  /** Of a connector. */
  readonly integration?: string;
  readonly isPartial?: boolean | undefined;
  ask(query: string, signal: AbortSignal): Promise<readonly Hit[]>;
}

const DEADLINE_MS = 8_000;
/** Within so long a changed policy is everywhere. */
const CONFIG_MS = 30_000;

export const createSearch = (broker: Pick<Broker, 'config' | 'getAccessToken'>, options: SearchOptions): Search => {
  const { baseUrl, own = {}, connectors: chosen = sourceNames, deadline = DEADLINE_MS, origins = {} } = options;

  let known: { readonly config: Promise<Config>; readonly until: number } | undefined;
  const config = (): Promise<Config> => {
    if (known && Date.now() < known.until) return known.config;
    const asked = broker.config();
    known = { config: asked, until: Date.now() + CONFIG_MS };
    asked.catch(() => {
      known = undefined;
    });
    return asked;
  };

  const askProvider = createAsk(broker, config, origins);
  const sources: readonly Source[] = [
    ...Object.entries(own).map(
      ([name, search]): Source => ({
        name,
        ask: async (query, signal) => search(query, { signal }),
      }),
    ),
    ...chosen
      .filter((name) => !Object.hasOwn(own, name))
      .map((name): Source => {
        const connector = connectors[name];
        const { integration, isPartial } = connector;
        return { name, integration, isPartial, ask: (query, signal) => askProvider(connector, query, signal) };
      }),
  ];

  return {
    ...createAnswers(baseUrl, options, config),

    async search({ query, signal, onProgress }) {
      signal?.throwIfAborted();
      const asked = query.trim() === '' ? [] : sources;
      const lists = new Map<string, readonly SearchResult[]>();
      const states = new Map<string, SourceStatus>(asked.map(({ name }) => [name, { state: 'searching' }]));
      const found = (): Found => ({
        query,
        results: fuse(
          query,
          asked.map(({ name }) => lists.get(name) ?? []),
        ),
        sources: Object.fromEntries(states),
      });
      onProgress?.(found());
      await Promise.all(
        asked.map(async ({ name, integration, isPartial, ask }) => {
          const late = AbortSignal.timeout(deadline);
          const either = AbortSignal.any(signal ? [signal, late] : [late]);
          try {
            const hits = await until(ask(query, either), either);
            const results = hits.map((hit) => resultOf(name, hit));
            lists.set(name, results);
            states.set(name, { state: 'ok', results: results.length, ...(isPartial && { partial: true as const }) });
          } catch (error) {
            states.set(name, late.aborted ? { state: 'timed_out' } : statusOf(error, integration));
          }
          signal?.throwIfAborted();
          onProgress?.(found());
        }),
      );
      return found();
    },
  };
};
