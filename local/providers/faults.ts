/** Applies the switches that break answers on purpose: around every request, and to token answers that succeeded. */
import { setTimeout as sleep } from 'node:timers/promises';
import { shaped } from './answer-shapes.ts';
import { type Switches, useOne } from './switches.ts';
import { type Answer, html, json } from './web.ts';

const reset: Answer = { status: 0, headers: {}, body: '', cut: 'reset' };

/** Waits as `latencyMs` says. @returns what is answered instead of handling the request, if anything */
export const beforeAnswer = async (switches: Switches, isToken: boolean): Promise<Answer | undefined> => {
  if (switches.latencyMs > 0) await sleep(switches.latencyMs);
  const { outage } = switches;
  if (outage !== null && (outage.at === 'all' || isToken)) {
    return outage.as === 'reset' ? reset : html(503, 'Service Unavailable');
  }
  if (!isToken) return undefined;
  const limited = useOne(switches, 'tooManyRequests');
  if (limited === undefined) return undefined;
  return json(429, { error: 'temporarily_unavailable' }, { 'retry-after': String(limited.retryAfter) });
};

/** A token answer (200, JSON) that has taken effect at the provider, as it leaves. */
export const afterTokens = (switches: Switches, answer: Answer): Answer => {
  const broken = useOne(switches, 'commitThen');
  switch (broken?.fail) {
    case '504':
      return html(504, 'Gateway Timeout');
    case 'reset':
      return reset;
    case 'truncated':
      return { ...answer, cut: 'truncated' };
    case undefined:
      return reshape(switches, answer);
  }
};

const reshape = (switches: Switches, answer: Answer): Answer => {
  const shape = useOne(switches, 'answerShape')?.shape;
  return shape === undefined ? answer : shaped(shape, JSON.parse(String(answer.body)));
};
