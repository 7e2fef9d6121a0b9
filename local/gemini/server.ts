/**
 * A simulated Gemini on Vertex AI, on loopback: `models.streamGenerateContent` with server-sent events, and the metadata
 * server that gives out the bearer tokens it wants. What it is asked for besides a prompt it refuses: no tools, no caches.
 * https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.publishers.models/streamGenerateContent
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, foreignPage, isForeign, json, listen, readJson, send } from '../providers/web.ts';
import { answerOf, piecesOf } from './model.ts';
import { changeSwitches, type GeminiSwitches, initialSwitches } from './switches.ts';

/** What was asked, for tests to look at. */
export interface GeminiRequest {
  readonly model: string;
  readonly location: string;
  readonly project: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly system: string;
  readonly prompt: string;
}

export interface LocalGemini {
  readonly origin: string;
  readonly switches: GeminiSwitches;
  /** The last ones. */
  readonly requests: readonly GeminiRequest[];
  /** Bearer tokens that were handed out: they must be nowhere afterwards. */
  readonly issued: readonly string[];
  /** Answers that the client left before their end. */
  left(): number;
  stop(): Promise<void>;
}

const PATH =
  /^\/v1\/projects\/([^/]+)\/locations\/([^/]+)\/publishers\/google\/models\/(gemini-[^/:]+):streamGenerateContent$/;
const TOKEN_SECONDS = 3600;
const LONGEST = 1024 * 1024;
const REMEMBERED = 20;
/** More than a prompt: whoever sends these wants something done, or kept. */
const REFUSED_MEMBERS = ['tools', 'toolConfig', 'cachedContent', 'labels'];

export const startGemini = async ({ port = 0 } = {}): Promise<LocalGemini> => {
  const switches = initialSwitches();
  const requests: GeminiRequest[] = [];
  const issued: string[] = [];
  let left = 0;

  const metadata = (request: IncomingMessage): Answer => {
    if (request.headers['metadata-flavor'] !== 'Google') return json(403, { error: 'Missing Metadata-Flavor' });
    const token = `model.${randomBytes(24).toString('base64url')}`;
    issued.push(token);
    const answer = { access_token: token, expires_in: TOKEN_SECONDS, token_type: 'Bearer' };
    return json(200, answer, { 'metadata-flavor': 'Google' });
  };

  const control = async (request: IncomingMessage): Promise<Answer> => {
    if (isForeign(request)) return foreignPage;
    const wrong = request.method === 'PATCH' ? changeSwitches(switches, await readJson(request)) : undefined;
    if (wrong !== undefined) return json(400, { error: 'wrong_switch', error_description: wrong });
    return json(200, { switches, counts: { requests: requests.length, left } });
  };

  const generate = async (request: IncomingMessage, response: ServerResponse, path: RegExpExecArray) => {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!issued.includes(token)) return send(response, failure(401, 'UNAUTHENTICATED', 'No valid credentials.'));
    const body = (await readJson(request, LONGEST)) as Record<string, unknown>;
    const unwanted = REFUSED_MEMBERS.find((name) => name in body);
    if (unwanted) return send(response, failure(400, 'INVALID_ARGUMENT', `Not in this stand-in: ${unwanted}.`));
    const [, project = '', location = '', model = ''] = path;
    const system = textOf(body.systemInstruction);
    const prompt = textOf((body.contents as unknown[] | undefined)?.at(-1));
    requests.push({ model, location, project, body, system, prompt });
    if (requests.length > REMEMBERED) requests.shift();
    // As real errors may, it repeats what it was sent.
    if (switches.status !== null) return send(response, failure(switches.status, nameOf(switches.status), prompt));
    response.once('close', () => {
      if (!response.writableFinished) left += 1;
    });
    await stream(response, { ...switches }, answerOf(system, prompt, switches));
  };

  const listener = await listen(port, () => async (request, response, url) => {
    const path = PATH.exec(url.pathname);
    if (path && request.method === 'POST' && url.searchParams.get('alt') === 'sse')
      return generate(request, response, path);
    if (url.pathname === '/computeMetadata/v1/instance/service-accounts/default/token')
      return send(response, metadata(request));
    if (url.pathname === '/control') return send(response, await control(request));
    return send(response, failure(404, 'NOT_FOUND', 'There is no such method or model.'));
  });
  return {
    origin: listener.origin,
    switches,
    requests,
    issued,
    left: () => left,
    stop: () => listener.stop(),
  };
};

/** google.rpc.Status, as Google's APIs spell it in JSON. */
const failure = (code: number, status: string, message: string): Answer =>
  json(code, { error: { code, status, message } });

const nameOf = (status: number): string =>
  ({ 400: 'INVALID_ARGUMENT', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND', 429: 'RESOURCE_EXHAUSTED' })[status] ??
  'UNAVAILABLE';

const textOf = (content: unknown): string => {
  const { parts = [] } = Object(content) as { parts?: readonly { readonly text?: string }[] };
  return parts.map(({ text = '' }) => text).join('');
};

const chunk = (data: object): string => `data: ${JSON.stringify(data)}\r\n\r\n`;
const candidate = (text: string, finishReason?: string) =>
  chunk({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, ...(finishReason ? { finishReason } : {}) }],
    modelVersion: 'simulated',
  });

const stream = async (response: ServerResponse, switches: GeminiSwitches, answer: string): Promise<void> => {
  const { stop, hang, cut, malformed, lateError } = switches;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  if (switches.blockPrompt) {
    response.end(chunk({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }));
    return;
  }
  await sleep(switches.firstMs);
  const pieces = piecesOf(answer);
  for (let said = 0; said <= pieces.length; said++) {
    if (response.destroyed) return;
    if (said === hang) return;
    if (said === cut) return void response.destroy();
    if (said === malformed) return void response.end(`data: {"candidates":[{"content":{"parts":[{"text":"${answer}`);
    if (said === lateError) {
      const error = { code: 429, status: 'RESOURCE_EXHAUSTED', message: answer };
      return void response.end(`${JSON.stringify({ error })}`);
    }
    if (said === stop?.after) {
      response.end(stop.reason === 'NONE' ? '' : candidate('', stop.reason));
      return;
    }
    const piece = pieces[said];
    if (piece === undefined) break;
    response.write(candidate(piece));
    if (switches.betweenMs > 0) await sleep(switches.betweenMs);
  }
  response.end(candidate('', 'STOP'));
};
