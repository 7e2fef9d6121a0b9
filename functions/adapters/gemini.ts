/**
 * Gemini on Vertex AI by @google/genai, as the function's own service account. Nothing but the prompt goes there: no tools, no
 * grounding, no caches, no files. What comes back as an error may repeat the prompt, so that only a code leaves here.
 */
import type { GenerateContentResponse, SafetySetting } from '@google/genai';
import type { Finish, Model, ModelEvent, ModelFailure } from '../core/answers/ports.ts';
import type { Prompt } from '../core/answers/prompt.ts';
import type { AccessTokens } from './google-access-token.ts';

export interface GeminiConfig {
  readonly project: string;
  readonly location: string;
  readonly model: string;
  /** A stand-in's, in the place of the location's own. */
  readonly endpoint?: string;
  readonly tokens: AccessTokens;
  readonly deadlines?: Deadlines;
}

/** Milliseconds. */
export interface Deadlines {
  /** To the first text: a model that thinks says nothing meanwhile. */
  readonly first: number;
  /** From one text to the next. */
  readonly between: number;
}
export const DEADLINES: Deadlines = { first: 30_000, between: 15_000 };

/** Of the answer, and of what the model thinks before it. */
const MAX_TOKENS = 4096;
/** What Google recommends for Gemini 3: https://cloud.google.com/vertex-ai/generative-ai/docs/start/gemini-3-prompting-guide */
const TEMPERATURE = 1;

export const geminiModel = (config: GeminiConfig): Model => ({
  async *answer(prompt, signal) {
    const { first, between } = config.deadlines ?? DEADLINES;
    const over = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const endAfter = (milliseconds: number) => {
      timer = setTimeout(() => over.abort(), milliseconds);
    };
    try {
      endAfter(first);
      const both = AbortSignal.any([signal, over.signal]);
      for await (const chunk of await ask(config, prompt, both)) {
        const { text, finish } = read(chunk);
        if (text !== '') {
          // The reader may take its time.
          clearTimeout(timer);
          yield { kind: 'text', text };
          endAfter(between);
        }
        if (finish) return yield finish;
      }
    } catch (error) {
      const failure = signal.aborted ? GONE : over.signal.aborted ? TIMEOUT : failureOf(error);
      yield { kind: 'failed', failure };
    } finally {
      clearTimeout(timer);
      // Leaving the SDK's stream does not end the request.
      over.abort();
    }
  },
});

const ask = async (
  { project, location, model, endpoint, tokens }: GeminiConfig,
  prompt: Prompt,
  signal: AbortSignal,
) => {
  const [{ GoogleGenAI }, { OAuth2Client }, token] = await Promise.all([
    import('@google/genai'),
    import('google-auth-library'),
    tokens.get().catch((cause) => {
      throw new NoCredentials('no token', { cause });
    }),
  ]);
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: token });
  const { models } = new GoogleGenAI({
    vertexai: true,
    apiVersion: 'v1',
    project,
    location,
    googleAuthOptions: { authClient },
    httpOptions: { fetch: straight, ...(endpoint === undefined ? {} : { baseUrl: endpoint }) },
  });
  const asked = models.generateContentStream({
    model,
    contents: [{ role: 'user', parts: [{ text: prompt.user }] }],
    config: {
      systemInstruction: prompt.system,
      temperature: TEMPERATURE,
      candidateCount: 1,
      maxOutputTokens: MAX_TOKENS,
      safetySettings: SAFETY,
      abortSignal: signal,
    },
  });
  return asked.catch((error) => {
    if (statusOf(error) === 401) tokens.forget(token);
    throw error;
  });
};

/** A prompt goes to no other place than this; and the SDK's own dispatcher, which lifts all timeouts, is not needed. */
const straight: typeof fetch = (input, { dispatcher: _lifted, ...init }: RequestInit & { dispatcher?: unknown } = {}) =>
  fetch(input, { ...init, redirect: 'error' });

const SAFETY = ['HARASSMENT', 'HATE_SPEECH', 'SEXUALLY_EXPLICIT', 'DANGEROUS_CONTENT'].map((name) => ({
  category: `HARM_CATEGORY_${name}`,
  threshold: 'BLOCK_MEDIUM_AND_ABOVE',
})) as SafetySetting[];

const read = ({ candidates, promptFeedback }: GenerateContentResponse): { text: string; finish?: ModelEvent } => {
  const [candidate] = candidates ?? [];
  const said = (candidate?.content?.parts ?? []).filter(({ thought }) => thought !== true);
  const text = said.map((part) => part.text ?? '').join('');
  if (promptFeedback?.blockReason !== undefined) return { text, finish: { kind: 'end', finish: 'declined' } };
  const reason = candidate?.finishReason;
  if (reason === undefined) return { text };
  const finish = FINISHES.get(reason);
  return {
    text,
    finish: finish ? { kind: 'end', finish } : { kind: 'failed', failure: { reason: 'unusable', code: 'odd_finish' } },
  };
};

/** https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/GenerateContentResponse#FinishReason */
const FINISHES: ReadonlyMap<string, Finish> = new Map([
  ['STOP', 'complete'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'declined'],
  ['RECITATION', 'declined'],
  ['BLOCKLIST', 'declined'],
  ['PROHIBITED_CONTENT', 'declined'],
  ['SPII', 'declined'],
  ['MODEL_ARMOR', 'declined'],
]);

class NoCredentials extends Error {}

const GONE: ModelFailure = { reason: 'gone', code: 'client_gone' };
const TIMEOUT: ModelFailure = { reason: 'unavailable', code: 'timeout' };

const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined;

const failureOf = (error: unknown): ModelFailure => {
  if (error instanceof NoCredentials) return { reason: 'unavailable', code: 'credentials', needsOps: true };
  const status = statusOf(error);
  if (status !== undefined) {
    const code = `http_${status}`;
    if (status === 429) return { reason: 'busy', code };
    if (status === 400) return { reason: 'unusable', code, needsOps: true };
    // No such model here, or not for this account.
    return { reason: 'unavailable', code, ...(status < 500 ? { needsOps: true } : {}) };
  }
  // What `fetch` throws when there is no connection, or no more; the SDK may wrap it.
  if ([error, Object(error).cause].some((each) => Object(each).name === 'TypeError'))
    return { reason: 'unavailable', code: 'connection' };
  return { reason: 'unusable', code: 'malformed' };
};
