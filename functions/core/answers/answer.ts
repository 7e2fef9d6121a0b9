/**
 * `POST /v1/answers`: an answer from what the browser has found. Query, results and answer pass through and are gone; what
 * may be kept are the names of the documents that were cited, where the organization consents to it.
 */
import { randomBytes } from 'node:crypto';
import { Unavailable } from '../errors.ts';
import type { Owner } from '../identity.ts';
import { searchAiRule } from '../policy-form.ts';
import type { Observe, PolicySource } from '../ports.ts';
import type { DocumentName } from './documents.ts';
import type { AnswerDocuments, Finish, Model, ModelEvent, ModelFailure } from './ports.ts';
import { promptOf } from './prompt.ts';
import { type SearchResult, type Selection, select } from './results.ts';
import { answerText, type Piece } from './text.ts';

export interface AnswerDependencies {
  /** Never a cached one: what an organization switches off is off with the next answer. */
  readonly policies: PolicySource;
  readonly model: Model;
  readonly documents: AnswerDocuments;
  readonly observe: Observe;
}

export interface AnswerRequest {
  readonly owner: Owner;
  readonly query: string;
  readonly results: readonly SearchResult[];
  /** Aborts when nobody waits for the answer any more. */
  readonly gone: AbortSignal;
}

type Failed = { readonly kind: 'failed'; readonly failure: ModelFailure };

export type AnswerEvent =
  | ({ readonly kind: 'sources' } & Selection['sources'])
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'citation'; readonly number: number } & DocumentName)
  | { readonly kind: 'done'; readonly finish: Finish }
  | Failed;

export type AnswerOutcome =
  | { readonly kind: 'events'; readonly events: AsyncIterable<AnswerEvent> }
  | Failed
  | { readonly kind: 'search_ai_disabled' }
  | { readonly kind: 'source_disabled'; readonly sources: readonly string[] };

/** Throws `Unavailable` where the policy cannot be read. */
export const answer = async (
  dependencies: AnswerDependencies,
  { owner, query, results, gone }: AnswerRequest,
): Promise<AnswerOutcome> => {
  const { policy } = await dependencies.policies.policy(owner.tenant);
  const rule = searchAiRule(policy);
  if (!rule.enabled) return { kind: 'search_ai_disabled' };
  const selection = select(rule, results);
  const { included, sources } = selection;
  if (included.length === 0) return { kind: 'source_disabled', sources: sources.excluded.map(({ source }) => source) };

  const prompt = promptOf(query, included, randomBytes(16).toString('hex'));
  const events = dependencies.model.answer(prompt, gone)[Symbol.asyncIterator]();
  // What fails before the first word is a problem of its own, not the end of a stream.
  const first = await next(events);
  if (first.kind === 'failed') {
    await events.return?.();
    return noted(dependencies, first);
  }
  return { kind: 'events', events: tell(dependencies, owner, selection, first, events) };
};

/** Every stream of a model says how it ends. */
const CUT_OFF: Failed = { kind: 'failed', failure: { reason: 'unusable', code: 'cut_off' } };

const noted = ({ observe }: AnswerDependencies, failed: Failed): Failed => {
  const { reason, code, needsOps } = failed.failure;
  observe({
    event: 'model_failed',
    severity: needsOps ? 'ERROR' : reason === 'gone' ? 'INFO' : 'WARNING',
    reason,
    code,
  });
  return failed;
};

async function* tell(
  dependencies: AnswerDependencies,
  owner: Owner,
  { included, sources }: Selection,
  first: ModelEvent,
  events: AsyncIterator<ModelEvent>,
): AsyncGenerator<AnswerEvent> {
  const said = answerText(included.length);
  /** In the order of their numbers. */
  const cited: SearchResult[] = [];
  const eventOf = (piece: Piece): AnswerEvent[] => {
    if (piece.kind === 'text') return [piece];
    const result = included[piece.result];
    if (!result) return [];
    if (!cited.includes(result)) cited.push(result);
    return [{ kind: 'citation', number: cited.indexOf(result) + 1, source: result.source, id: result.id }];
  };
  try {
    yield { kind: 'sources', ...sources };
    let event: ModelEvent = first;
    for (; event.kind === 'text'; event = await next(events)) yield* said.push(event.text).flatMap(eventOf);
    yield* said.end().flatMap(eventOf);
    if (event.kind === 'failed') return yield noted(dependencies, event);
    dependencies.observe({ event: 'answered', finish: event.finish, results: included.length, cited: cited.length });
    const kept = keep(dependencies, owner, cited);
    try {
      yield { kind: 'done', finish: event.finish };
    } finally {
      // The client may leave as soon as it is told.
      await kept;
    }
  } finally {
    await events.return?.();
  }
}

const next = async (events: AsyncIterator<ModelEvent>): Promise<ModelEvent> => {
  const { done, value } = await events.next();
  return done ? CUT_OFF : value;
};

/** With the consent of this moment, not of the question's. Never throws: an answer was given. */
const keep = async (
  { policies, documents, observe }: AnswerDependencies,
  owner: Owner,
  cited: readonly DocumentName[],
): Promise<void> => {
  if (cited.length === 0) return;
  try {
    const { policy } = await policies.policy(owner.tenant);
    if (searchAiRule(policy).document_ids) await documents.add(owner, cited);
  } catch (error) {
    const code = error instanceof Unavailable ? error.message : 'failed';
    observe({ event: 'documents_not_kept', severity: 'WARNING', code });
  }
};
