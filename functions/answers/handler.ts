import { type AnswerDependencies, type AnswerEvent, answer } from '../core/answers/answer.ts';
import type { ModelFailure } from '../core/answers/ports.ts';
import { eventStream, type ServerSentEvent } from '../http/answer.ts';
import { errorEvent } from '../http/event-stream.ts';
import type { components } from '../http/generated/types.ts';
import { type Operation, type Sessions, sessionOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';

type Schemas = components['schemas'];

export const answerOperation = (sessions: Sessions, dependencies: AnswerDependencies): Operation =>
  sessionOperation('answer', sessions, async ({ identity, body: { query, results }, whenGone }) => {
    const outcome = await answer(dependencies, { owner: identity, query, results, gone: whenGone() });
    switch (outcome.kind) {
      case 'events':
        return eventStream(sent(outcome.events));
      case 'failed':
        return problemOf(outcome.failure);
      case 'search_ai_disabled':
        return problem('search_ai_disabled');
      case 'source_disabled':
        return problem('source_disabled', { sources: outcome.sources });
    }
  });

async function* sent(events: AsyncIterable<AnswerEvent>): AsyncGenerator<ServerSentEvent> {
  for await (const event of events) yield sentAs(event);
}

const sentAs = (event: AnswerEvent): ServerSentEvent => {
  switch (event.kind) {
    case 'sources': {
      const { included, excluded } = event;
      return { event: 'sources', data: { included, excluded } satisfies Schemas['AnswerSources'] };
    }
    case 'text':
      return { event: 'text', data: { text: event.text } satisfies Schemas['AnswerText'] };
    case 'citation': {
      const { number, source, id } = event;
      return { event: 'citation', data: { number, source, id } satisfies Schemas['AnswerCitation'] };
    }
    case 'done':
      return { event: 'done', data: { finish: event.finish } satisfies Schemas['AnswerDone'] };
    case 'failed':
      return errorEvent(problemOf(event.failure));
  }
};

/** Quotas are by the minute; what does not answer may do so soon. */
const BUSY_SECONDS = 20;
const UNAVAILABLE_SECONDS = 5;

const problemOf = ({ reason }: ModelFailure) => {
  switch (reason) {
    case 'busy':
      return problem('model_busy', { retryAfter: BUSY_SECONDS });
    case 'unavailable':
    // Nobody reads it.
    case 'gone':
      return problem('temporarily_unavailable', { retryAfter: UNAVAILABLE_SECONDS });
    case 'unusable':
      return problem('provider_error');
  }
};
