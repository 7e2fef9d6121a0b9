/** Answers from what a search has found, as the broker streams them; and the documents that it keeps as cited. */
import type {
  AnswerCitation,
  AnswerDocument,
  AnswerDocumentList,
  AnswerDone,
  AnswerError,
  AnswerSources,
  AnswerText,
  Config,
  SourceCount,
} from '../contract.ts';
import { BrokerError, BrokerUnavailableError } from '../errors.ts';
import { createCall, errorOf, requestWith, type Session } from '../session.ts';
import { eventsIn } from './events.ts';
import { answerRequest, choose } from './request.ts';
import type { SearchResult } from './result.ts';

export type AnswerEvent =
  /** First, once: what the answer is made from, and what the organization keeps out of it. */
  | ({ readonly type: 'sources' } & AnswerSources)
  /** To be appended, as text and never as markup. */
  | ({ readonly type: 'text' } & AnswerText)
  /** Belongs to the place that the text has reached. `result` is one of those that were handed in: its link is no model's. */
  | { readonly type: 'citation'; readonly number: number; readonly result: SearchResult }
  /** Last. When the loop is over, too, `documents` has what was cited. */
  | ({ readonly type: 'done' } & AnswerDone);

export interface AnswerOptions {
  readonly query: string;
  /** The best first. */
  readonly results: readonly SearchResult[];
  /** Ends the answer; so does leaving the loop. */
  readonly signal?: AbortSignal | undefined;
}

/** Every call throws `BrokerError` and its kinds. */
export interface Answers {
  /**
   * Sends what the organization includes to the broker, and nothing else. Throws the codes `search_ai_disabled`,
   * `source_disabled` (nothing is left of the results: `sources` said whose they are), `model_busy`, and `cut_off` where
   * the answer ends before its end.
   */
  answer(options: AnswerOptions): AsyncGenerator<AnswerEvent, void>;
  /** The documents that answers to this user have cited, the last first; empty where the organization keeps none. */
  documents(): Promise<readonly AnswerDocument[]>;
  forgetDocument(document: Pick<AnswerDocument, 'source' | 'id'>): Promise<void>;
  forgetDocuments(): Promise<void>;
}

/** The counts of two lists, added up. */
const together = (one: readonly SourceCount[], other: readonly SourceCount[]): SourceCount[] =>
  other.reduce<SourceCount[]>(
    (sum, { source, results }) => {
      const before = sum.find((each) => each.source === source)?.results ?? 0;
      return [...sum.filter((each) => each.source !== source), { source, results: before + results }];
    },
    [...one],
  );

const failure = (problem: AnswerError): BrokerError =>
  errorOf(problem, { status: problem.status, headers: new Headers({ 'Retry-After': `${problem.retry_after}` }) }, {});

export const createAnswers = (baseUrl: string, from: Session, config: () => Promise<Config>): Answers => {
  const call = createCall(baseUrl, from);
  const place = '/answers/documents';

  /** What goes wrong on the way, unless the caller wanted it. */
  const lost = (code: 'unreachable' | 'cut_off', signal: AbortSignal | undefined): never => {
    signal?.throwIfAborted();
    throw new BrokerUnavailableError({ code });
  };

  const ask = async (body: object, signal: AbortSignal | undefined): Promise<ReadableStream<Uint8Array>> => {
    const init = await requestWith(from, 'POST', body);
    const response = await fetch(`${baseUrl}/v1/answers`, { ...init, signal: signal ?? null }).catch(() =>
      lost('unreachable', signal),
    );
    if (response.ok && response.body) return response.body;
    throw errorOf(await response.json().catch(() => lost('unreachable', signal)), response, {});
  };

  return {
    async *answer({ query, results, signal }) {
      signal?.throwIfAborted();
      const { enabled, sources } = (await config()).search_ai;
      if (!enabled) throw new BrokerError({ code: 'search_ai_disabled' });
      const { chosen, excluded } = choose(results, sources);
      if (!chosen[0]) {
        if (excluded[0]) yield { type: 'sources', included: [], excluded };
        throw new BrokerError({ code: excluded[0] ? 'source_disabled' : 'invalid_request' });
      }
      const events = eventsIn(await ask(answerRequest(query, chosen), signal));
      try {
        for (;;) {
          const { value } = await events.next().catch(() => lost('cut_off', signal));
          if (!value) return lost('cut_off', signal);
          const { event, data } = value;
          if (event === 'sources') {
            const said: AnswerSources = JSON.parse(data);
            yield { type: 'sources', included: said.included, excluded: together(excluded, said.excluded) };
          } else if (event === 'text') {
            yield { type: 'text', ...(JSON.parse(data) as AnswerText) };
          } else if (event === 'citation') {
            const { number, source, id }: AnswerCitation = JSON.parse(data);
            const result = chosen.find((each) => each.source === source && each.id === id);
            if (result) yield { type: 'citation', number, result };
          } else if (event === 'done') {
            yield { type: 'done', ...(JSON.parse(data) as AnswerDone) };
            // What the broker keeps of it is kept when the stream is over.
            await events.next().catch(() => {});
            return;
          } else if (event === 'error') {
            throw failure(JSON.parse(data));
          }
        }
      } finally {
        // The connection ends with whoever stops listening.
        await events.return(undefined);
      }
    },

    async documents() {
      const all: AnswerDocument[] = [];
      let page: string | undefined = '';
      while (page !== undefined) {
        const query: string = page && `?${new URLSearchParams({ page })}`;
        const { documents, next_page }: AnswerDocumentList = await call('GET', place + query);
        all.push(...documents);
        page = next_page;
      }
      return all;
    },
    forgetDocument: ({ source, id }) => call('DELETE', `${place}/${source}/${encodeURIComponent(id)}`),
    forgetDocuments: () => call('DELETE', place),
  };
};
