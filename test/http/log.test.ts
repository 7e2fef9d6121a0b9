import { expect, test } from '@jest/globals';
import type { Event } from '../../functions/core/ports.ts';
import { createObserve, traceOf, withLogContext } from '../../functions/http/log.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

const SPAN = 'b7ad6b7169203331';

test('the trace comes from W3C Trace Context, else from X-Cloud-Trace-Context, whose span is decimal', () => {
  expect(traceOf({ traceparent: `00-${TRACE}-${SPAN}-01` })).toEqual({ id: TRACE, span: SPAN });
  const span = BigInt(`0x${SPAN}`);
  expect(traceOf({ 'x-cloud-trace-context': `${TRACE}/${span};o=1` })).toEqual({ id: TRACE, span: SPAN });
  expect(traceOf({ 'x-cloud-trace-context': `${TRACE}/123;o=1` })).toEqual({ id: TRACE, span: '000000000000007b' });
  expect(traceOf({ 'x-cloud-trace-context': `${TRACE}/99999999999999999999` })).toEqual({ id: TRACE });
  expect(traceOf({ 'x-cloud-trace-context': TRACE })).toEqual({ id: TRACE });
  expect(traceOf({ traceparent: '00-x', 'x-cloud-trace-context': '../../x' })).toBeUndefined();
  expect(traceOf({})).toBeUndefined();
});

const logged = (projectId: string | undefined, run: (observe: (event: Event) => void) => void) => {
  const lines: string[] = [];
  run(createObserve({ projectId, write: (line) => lines.push(line) }));
  expect(lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true);
  return lines.map((line) => JSON.parse(line));
};

test('one JSON object a line, with the fields of Cloud Logging', () => {
  const lines = logged('project-1', (observe) => {
    observe({ event: 'a', text: 'two\nlines', absent: undefined });
    withLogContext({ correlation_id: 'c-1', trace: { id: TRACE, span: SPAN }, operation: 'token' }, () => {
      observe({ event: 'b', severity: 'ALERT', count: 1 });
    });
  });
  expect(lines).toEqual([
    { severity: 'INFO', message: 'a', event: 'a', text: 'two\nlines' },
    {
      severity: 'ALERT',
      message: 'b',
      event: 'b',
      correlation_id: 'c-1',
      operation: 'token',
      count: 1,
      'logging.googleapis.com/trace': `projects/project-1/traces/${TRACE}`,
      'logging.googleapis.com/spanId': SPAN,
    },
  ]);
});

test('without a project there is no trace', () => {
  const [line] = logged(undefined, (observe) =>
    withLogContext({ correlation_id: 'c-1', trace: { id: TRACE, span: SPAN } }, () => observe({ event: 'a' })),
  );
  expect(line).toEqual({ severity: 'INFO', message: 'a', event: 'a', correlation_id: 'c-1' });
});

test('requests that overlap keep their own context', async () => {
  const lines: string[] = [];
  const observe = createObserve({ write: (line) => lines.push(line) });
  const one = async (id: string, milliseconds: number) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    observe({ event: id });
  };
  await Promise.all(['x', 'y'].map((id, i) => withLogContext({ correlation_id: id }, () => one(id, 10 - 5 * i))));
  for (const line of lines.map((text) => JSON.parse(text))) expect(line.correlation_id).toBe(line.event);
});
