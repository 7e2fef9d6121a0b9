/** What the Admin SDK's refusals mean: https://developers.google.com/workspace/admin/directory/v1/limits */

import { jsonObject } from '../../../shared/token-answer.ts';
import type { SourceFault } from '../../core/directory/ports.ts';
import { type HttpAnswer, TransportError } from '../exchange.ts';
import { retryAfter } from '../token-endpoint.ts';

/** A fault, or one that may pass by itself: then the question is asked again. */
export type Refusal =
  | Exclude<SourceFault, { kind: 'unavailable' }>
  | { readonly kind: 'busy'; readonly code: string /** Seconds. */; readonly retryAfter?: number }
  | { readonly kind: 'token_refused' };

/** Thrown through the library, which knows nothing of it. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.kind);
    this.refusal = refusal;
  }
}

/** Reasons of a 403 that is no refusal, but "not so fast". */
const QUOTA = new Set(['rateLimitExceeded', 'userRateLimitExceeded', 'quotaExceeded', 'RATE_LIMIT_EXCEEDED']);

const reasonOf = (answer: HttpAnswer): string => {
  const error = jsonObject(answer.body.toString())?.error as
    | { errors?: { reason?: unknown }[]; status?: unknown }
    | undefined;
  const reason = error?.errors?.[0]?.reason ?? error?.status;
  return typeof reason === 'string' && /^\w{1,64}$/.test(reason) ? reason : `http_${answer.status}`;
};

/** @param paged whether the request carried a page token */
export const refusalOf = (answer: HttpAnswer, paged: boolean): Refusal => {
  const { status } = answer;
  const code = reasonOf(answer);
  if (status === 429 || status >= 500 || (status === 403 && (QUOTA.has(code) || code === 'RESOURCE_EXHAUSTED'))) {
    return {
      kind: 'busy',
      code: status === 403 ? code : `http_${status}`,
      ...retryAfter(answer.headers['retry-after']),
    };
  }
  if (status === 401) return { kind: 'token_refused' };
  if (status === 404) return { kind: 'not_found' };
  // A page token lives for a while, and belongs to one listing.
  if (paged && (status === 400 || status === 410)) return { kind: 'page_gone' };
  return { kind: 'refused', code };
};

const LASTING = new Set(['address', 'too_large']);

export const transportRefusal = (error: TransportError): Refusal =>
  LASTING.has(error.code) ? { kind: 'refused', code: error.code } : { kind: 'busy', code: error.code };

export const refusalIn = (error: unknown): Refusal | undefined => {
  if (error instanceof Refused) return error.refusal;
  return error instanceof TransportError ? transportRefusal(error) : undefined;
};
