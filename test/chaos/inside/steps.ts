/** The step hook: notes each named step of a call in the journal, and does there what the call's directive says. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CallHeader,
  type Directive,
  JOURNAL_VARIABLE,
  type Line,
  monotonic,
  nameOf,
  type Order,
  type Paused,
  type Point,
  type When,
} from '../protocol.ts';
import { jump } from './clock.ts';

type Fields = Partial<Pick<Line, 'token' | 'kind' | 'rotated' | 'written'>>;

const journal = openSync(process.env[JOURNAL_VARIABLE] ?? '', 'a');
const calls = new AsyncLocalStorage<CallHeader>();
/** Directives and the calls that brought them. By subject: a call that joins another's refresh strikes that one. */
const armed = new Map<string, { readonly call: string; readonly directive: Directive }>();
const waiting = new Map<string, () => void>();

process.on('message', ({ jumpMs, release }: Order) => {
  if (jumpMs !== undefined) jump(jumpMs);
  if (release !== undefined) waiting.get(release)?.();
});

/** Runs a call with its directive armed until it ends. */
export const withCall = async <T>(header: CallHeader, run: () => Promise<T>): Promise<T> => {
  const { call, subject, directive } = header;
  if (directive) armed.set(subject, { call, directive });
  try {
    return await calls.run(header, run);
  } finally {
    if (armed.get(subject)?.call === call) armed.delete(subject);
  }
};

export const note = (mark: Line['mark'], fields: Fields & Pick<Line, 'act'> = {}): void => {
  const call = calls.getStore();
  if (!call) return;
  const line: Line = { at: monotonic(), pid: process.pid, call: call.call, subject: call.subject, mark, ...fields };
  writeSync(journal, `${JSON.stringify(line)}\n`);
};

const armedAt = ({ step, when }: Point) => {
  const found = armed.get(calls.getStore()?.subject ?? '');
  return found?.directive.step === step && found.directive.when === when ? found : undefined;
};

const strike = (point: Point, fields: Fields) => {
  const mark = nameOf(point) as `${When} ${Point['step']}`;
  const found = armedAt(point);
  note(mark, { ...fields, ...(found ? { act: found.directive.act } : {}) });
  if (!found) return undefined;
  armed.delete(calls.getStore()?.subject ?? '');
  if (found.directive.act === 'kill') process.kill(process.pid, 'SIGKILL');
  return found;
};

/** A step where the process can be killed or paused. */
export const at = async (point: Point, fields: Fields = {}): Promise<void> => {
  const { afterMs } = armedAt(point)?.directive ?? {};
  if (afterMs !== undefined) await sleep(afterMs);
  const { call, directive } = strike(point, fields) ?? {};
  if (call === undefined || directive?.act !== 'pause') return;
  await new Promise<void>((resolve) => {
    waiting.set(call, resolve);
    process.send?.({ paused: call } satisfies Paused);
  });
  waiting.delete(call);
};

/** A step that cannot wait. */
export const atOnce = (point: Point): void => {
  strike(point, {});
};

/** Tells tokens apart, and says nothing of them. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex').slice(0, 16);
