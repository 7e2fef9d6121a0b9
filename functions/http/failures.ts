/** What a thrown error becomes: an answer that says nothing of it, and a log line without its text. */
import { IntegrityError, Unavailable } from '../core/errors.ts';
import type { Event } from '../core/ports.ts';
import type { Answer } from './answer.ts';
import { type Problem, problem } from './problems.ts';

const word = /^[\w.:-]{1,64}$/;
const wordOrNothing = (value: unknown): string | undefined =>
  (typeof value === 'string' || typeof value === 'number') && word.test(String(value)) ? String(value) : undefined;

/**
 * Stack frames alone. A message may hold a body, a token or a provider's text, and may itself look like frames, so what
 * stands before its end is cut off; no frames where it cannot be found.
 */
const framesOf = ({ stack = '', message }: Error): string | undefined => {
  const start = stack.indexOf(message);
  if (start < 0) return undefined;
  const lines = stack.slice(start + message.length).split('\n');
  return lines.filter((line) => /^ {4}at /.test(line)).join('\n') || undefined;
};

/** Name, code and frames of an error, and never its message. */
export const describeError = (error: unknown): Omit<Event, 'event'> => {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = wordOrNothing('code' in error ? error.code : undefined);
  const frames = framesOf(error);
  return {
    error: wordOrNothing(error.name) ?? 'Error',
    ...(code && { code }),
    ...(frames && { frames }),
  };
};

/** Refused is never confused with unavailable: only `Unavailable` may pass by itself. */
export const failureOf = (error: unknown): { readonly answer: Answer<Problem>; readonly event: Event } => {
  const description = describeError(error);
  if (error instanceof Unavailable) {
    const { upstream, applied, needsOps, retryAfter } = error;
    // Its message is made of stable codes by this project's own adapters; anything else is not logged.
    const code = wordOrNothing(error.message.replace(`${upstream}: `, ''));
    return {
      answer: problem(upstream === 'identity_provider' ? 'idp_unavailable' : 'temporarily_unavailable', { retryAfter }),
      event: {
        ...description,
        event: 'unavailable',
        severity: needsOps ? 'ERROR' : 'WARNING',
        upstream,
        applied,
        ...(code && { code }),
      },
    };
  }
  if (error instanceof IntegrityError) {
    return {
      answer: problem('integrity_error'),
      event: { ...description, event: 'integrity_error', severity: 'ALERT' },
    };
  }
  return {
    answer: problem('internal_error'),
    event: { ...description, event: 'internal_error', severity: 'ERROR' },
  };
};
