/** Request bodies: bounded, JSON, and exactly what the contract says (S25). */
import type { IncomingMessage } from 'node:http';
import type { Answer } from './answer.ts';
import type { routes } from './generated/routes.ts';
import { validators } from './generated/validators.js';
import { type ProblemCode, problem } from './problems.ts';

const MAX_DEPTH = 8;
const FORBIDDEN_MEMBERS = new Set(['__proto__', 'constructor', 'prototype']);

/** What the framework hands over of a request. */
export type WithBody = IncomingMessage & { readonly rawBody?: Buffer };

type BodyRule = Extract<(typeof routes)[keyof typeof routes], { body: unknown }>['body'];

const faults = new WeakMap<IncomingMessage, ProblemCode>();

/** Remembers that a body could not be read, so that the operation says so in its own order, with its own headers. */
export const markBodyFault = (req: IncomingMessage, status: number | undefined): void => {
  const code = status === 413 ? 'payload_too_large' : status === 415 ? 'unsupported_media_type' : 'invalid_request';
  faults.set(req, code);
};

export const isJson = (contentType: string | undefined): boolean =>
  /^application\/json[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i.test(contentType ?? '');

const isDangerous = (value: unknown, depth = 1): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (depth > MAX_DEPTH) return true;
  return Object.entries(value).some(([name, member]) => FORBIDDEN_MEMBERS.has(name) || isDangerous(member, depth + 1));
};

const parse = (bytes: Uint8Array): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return undefined;
  }
};

const refused = (code: ProblemCode, detail?: string): { refusal: Answer } => ({
  refusal: problem(code, detail === undefined ? {} : { detail }),
});

/** @returns the body (`undefined` where none came and none is needed), or the refusal; its detail names places only. */
export const readBody = (req: WithBody, rule: BodyRule): { readonly refusal: Answer } | { readonly value: unknown } => {
  const fault = faults.get(req);
  if (fault) return refused(fault);
  const announced = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  const bytes = req.rawBody ?? new Uint8Array();
  if (bytes.length > rule.bytes) return refused('payload_too_large');
  if (bytes.length === 0 && !announced) {
    return rule.required ? refused('invalid_request', 'A body is required.') : { value: undefined };
  }
  if (!isJson(req.headers['content-type'])) return refused('unsupported_media_type');
  const parsed = parse(bytes);
  if (!parsed) return refused('invalid_request', 'The body is not JSON.');
  if (isDangerous(parsed.value))
    return refused('invalid_request', 'The body has a member or a depth that is not allowed.');
  if (typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value)) {
    return refused('invalid_request', 'The body is not an object.');
  }
  const validate = validators[rule.schema];
  if (validate(parsed.value)) return parsed;
  return refused('invalid_request', explain(rule.schema, validate.errors?.[0]));
};

/** What cannot be said from a keyword alone. */
const ONE_OF: Readonly<Partial<Record<BodyRule['schema'], string>>> = {
  AuthorizeRequest: 'Give return_to, and either integrations or scopes.',
  TokenRequest: 'Give integration or scopes, not both.',
};

/** Names places and rules, never a value: a path leads through known members and indexes only. */
const explain = (
  schema: BodyRule['schema'],
  error: { readonly instancePath: string; readonly keyword: string; readonly params: object } | undefined,
): string => {
  const { instancePath = '', keyword = '', params = {} } = error ?? {};
  const place = instancePath === '' ? 'The body' : instancePath;
  const missing = 'missingProperty' in params ? String(params.missingProperty) : undefined;
  if (keyword === 'additionalProperties') return `${place} has a member that is not known.`;
  if (ONE_OF[schema] && instancePath === '') return ONE_OF[schema];
  if (missing !== undefined) return `${place} lacks ${missing}.`;
  return `${place} does not fit its schema (${keyword}).`;
};
