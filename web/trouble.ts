/** What went wrong, as a sentence and a way on. */
import {
  AuthorizationRequiredError,
  BrokerError,
  BrokerUnavailableError,
  IntegrationDisabledError,
  PopupBlockedError,
  PopupClosedError,
  PopupTimeoutError,
  SessionRequiredError,
} from '../client/src/index.ts';
import type { Notice, Step } from './notice.ts';
import { problemText, reasonText, returnText } from './sentences.ts';

export interface Ways {
  /** Whom it is about: the provider. */
  readonly title: string;
  /** The product's page for signing in. */
  readonly signIn: string;
  /** The same once more. */
  readonly again: () => void;
  /** The same without a window of its own. */
  readonly redirect?: () => void;
}

const bad = (text: string, ...steps: Step[]): Notice => ({ tone: 'bad', text, steps });

export const explain = (error: unknown, { title, signIn, again, redirect }: Ways): Notice => {
  const retry: Step = { label: 'Try again', act: again };
  // The user's own wish.
  if (error instanceof DOMException && error.name === 'AbortError') {
    return { tone: 'plain', text: 'Cancelled. Nothing has changed.' };
  }
  if (!(error instanceof BrokerError)) return bad('Something went wrong on this page. Reload it and try again.');
  const { code } = error;
  if (error instanceof SessionRequiredError) {
    return bad(problemText(code), { label: 'Sign in', href: signIn, isHere: true });
  }
  if (error instanceof BrokerUnavailableError) {
    return bad(problemText(code), { ...retry, after: error.retryAfter ?? 1 });
  }
  if (error instanceof IntegrationDisabledError) return bad(problemText('integration_disabled'));
  if (error instanceof AuthorizationRequiredError) return bad(reasonText(error.reason, title));
  if (error instanceof PopupBlockedError) {
    const text = `Your browser did not let a window open for ${title}. You can go there in this one, and come back.`;
    return bad(text, ...(redirect ? [{ label: 'Go on in this window', act: redirect, isMain: true }] : []), retry);
  }
  if (error instanceof PopupClosedError) {
    return {
      tone: 'plain',
      text: `The window was closed before ${title} was in it. Nothing has changed.`,
      steps: [retry],
    };
  }
  if (error instanceof PopupTimeoutError) return bad(`${title} did not answer in time. Nothing has changed.`, retry);
  if (code === 'framed') {
    const text = `${title} cannot be connected inside another page. Open this page in a window of its own. Nothing has changed.`;
    return bad(text, { label: 'Open in a window of its own', href: location.href });
  }
  if (code === 'still_here') {
    return { tone: 'plain', text: `You are not finished at ${title}. Nothing has changed.`, steps: [retry] };
  }
  if (code === 'storage_denied') {
    return bad(problemText(code), retry);
  }
  if (code === 'access_denied') return { tone: 'plain', text: returnText(code, title), steps: [retry] };
  // Codes of the broker's own have sentences of their own; what is left came from the provider.
  const text = problemText(code);
  if (text !== problemText('internal_error')) return bad(text);
  if (code !== 'internal_error') return bad(returnText(code, title), retry);
  return bad(text + (error.correlationId ? ` Its number in the log: ${error.correlationId}.` : ''), retry);
};
