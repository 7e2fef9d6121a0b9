import { type AnswerDocument, listDocuments } from '../core/answers/documents.ts';
import type { AnswerDocuments } from '../core/answers/ports.ts';
import type { PolicySource } from '../core/ports.ts';
import { noContent, ok } from '../http/answer.ts';
import type { components } from '../http/generated/types.ts';
import { type Operation, type Sessions, sessionOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';

export interface DocumentsDependencies {
  readonly policies: PolicySource;
  readonly documents: AnswerDocuments;
}

/** The session's own user's, and nobody else's. */
export const documentsOperations = (sessions: Sessions, dependencies: DocumentsDependencies): Operation[] => [
  sessionOperation('answerDocuments', sessions, async ({ identity, query }) => {
    const [page, ...others] = query.getAll('page');
    const found = others.length > 0 ? undefined : await listDocuments(dependencies, identity, page);
    if (!found)
      return problem('invalid_request', {
        detail: 'Give page at most once, as next_page answered it; leave it out for the first page.',
      });
    const { documents, next } = found;
    return ok({ documents: documents.map(documentBody), ...(next === undefined ? {} : { next_page: next }) });
  }),

  sessionOperation('forgetAnswerDocuments', sessions, async ({ identity }) => {
    await dependencies.documents.forget(identity);
    return noContent();
  }),

  sessionOperation('forgetAnswerDocument', sessions, async ({ identity, path: { source, document } }) => {
    await dependencies.documents.forget(identity, { source, id: document });
    return noContent();
  }),
];

const documentBody = ({ source, id, usedAt }: AnswerDocument): components['schemas']['AnswerDocument'] => ({
  source,
  id,
  used_at: new Date(usedAt).toISOString(),
});
