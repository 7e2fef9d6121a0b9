/** What answers ask of the world. */
import type { Owner } from '../identity.ts';
import type { AnswerDocument, DocumentName } from './documents.ts';
import type { Prompt } from './prompt.ts';

/** Why a model stopped: done, cut off at the longest answer, or kept from going on by its safety filter. */
export type Finish = 'complete' | 'length' | 'declined';

/** What went wrong at the model: a stable code, never its text, which may repeat the prompt. */
export interface ModelFailure {
  /**
   * `busy`: the quota is used up. `unavailable`: no answer, or none now. `unusable`: an answer that is none. `gone`: nobody
   * waits for one.
   */
  readonly reason: 'busy' | 'unavailable' | 'unusable' | 'gone';
  readonly code: string;
  /** Only ops can help. */
  readonly needsOps?: boolean;
}

export type ModelEvent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'end'; readonly finish: Finish }
  | { readonly kind: 'failed'; readonly failure: ModelFailure };

export interface Model {
  /**
   * Texts, and last either `end` or `failed`. Never throws for what the network or the model does. Ends the work at the
   * model when `signal` aborts or nobody asks on.
   */
  answer(prompt: Prompt, signal: AbortSignal): AsyncIterable<ModelEvent>;
}

/** The documents that a user's answers have cited. Every method throws `Unavailable` when the database does not answer. */
export interface AnswerDocuments {
  /** The last used first. */
  list(owner: Owner): Promise<readonly AnswerDocument[]>;
  /** @returns `false` where the account was deleted within the last hour: nothing was stored then */
  add(owner: Owner, cited: readonly DocumentName[]): Promise<boolean>;
  /** Absent: all of them. */
  forget(owner: Owner, document?: DocumentName): Promise<void>;
}

/** The same as the sweep sees them: by organization. */
export interface AnswerDocumentsByTenant {
  /** Organizations of which something may be stored. */
  tenants(): Promise<string[]>;
  /** Removes what some users of it have stored. @returns of how many; at none, the organization is listed no more */
  removeSome(tenant: string): Promise<number>;
}
