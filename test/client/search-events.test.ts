import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventsIn, type ServerEvent } from '../../client/src/search/events.ts';
import { gather } from './gather.ts';

const streamOf = (chunks: readonly Uint8Array[], onCancel = () => {}) => {
  const left = [...chunks];
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = left.shift();
      if (next) controller.enqueue(next);
      else controller.close();
    },
    cancel: onCancel,
  });
};
const read = async (text: string, cuts: readonly number[] = []): Promise<ServerEvent[]> => {
  const bytes = new TextEncoder().encode(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const chunks = places.slice(1).map((end, index) => bytes.slice(places[index], end));
  return gather(eventsIn(streamOf(chunks)));
};

const lineText = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n\0]/g, '') || 'x');
const ending = fc.constantFrom('\n', '\r', '\r\n');
/** Lines of one event with their endings, and what they mean. */
const oneEvent = fc
  .record({
    event: fc.option(fc.constantFrom('text', 'citation', 'done')),
    data: fc.array(lineText, { minLength: 1, maxLength: 3 }),
    noise: fc.option(fc.constantFrom(':', ': still here', 'id: 7', 'retry: 100', 'unknown', 'dataset: 1')),
  })
  .map(({ event, data, noise }) => ({
    lines: [
      ...(noise ? [noise] : []),
      ...(event ? [`event: ${event}`] : []),
      ...data.map((each) => `data: ${each}`),
      '',
    ],
    meant: { event: event ?? 'message', data: data.join('\n') },
  }));

describe('server-sent events', () => {
  test('whatever ends the lines, and wherever the chunks are cut, the same events come', async () => {
    const stream = fc.array(oneEvent, { maxLength: 6 }).chain((events) => {
      const lines = events.flatMap((each) => each.lines);
      const endings = fc.array(ending, { minLength: lines.length, maxLength: lines.length });
      return fc.record({
        meant: fc.constant(events.map(({ meant }) => meant)),
        text: endings.map((all) => lines.map((line, index) => line + all[index]).join('')),
        cuts: fc.array(fc.nat(500), { maxLength: 12 }),
      });
    });
    // A CR, an empty line and its LF are one line's CRLF to any reader: such texts lack an empty line, and are left out.
    const unambiguous = stream.filter(
      ({ meant, text }) => text.split(/\r\n|\r|\n/).filter((line) => line === '').length > meant.length,
    );
    await fc.assert(
      fc.asyncProperty(unambiguous, async ({ meant, text, cuts }) => {
        expect(await read(text, cuts)).toEqual(meant);
      }),
      { numRuns: 150 },
    );
  });

  test.each(['\n', '\r', '\r\n'])('one byte at a time, with lines that end in %j', async (end) => {
    const text = ['\uFEFFevent: text', 'data: "ä€𝄞\u2028"', '', ': comment', 'data:a', 'data', 'data:  b', '', ''].join(
      end,
    );
    const cuts = [...Array(200).keys()];
    expect(await read(text, cuts)).toEqual([
      { event: 'text', data: '"ä€𝄞\u2028"' },
      { event: 'message', data: 'a\n\n b' },
    ]);
  });

  test('an event without data is none, and neither is one that the end has cut off', async () => {
    expect(await read('event: done\n\ndata: 1\n\nevent: text\ndata: 2\n')).toEqual([{ event: 'message', data: '1' }]);
    expect(await read('')).toEqual([]);
  });

  test('whoever stops asking cancels the stream', async () => {
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
      cancel: () => {
        isCancelled = true;
      },
    });
    for await (const _ of eventsIn(endless)) break;
    expect(isCancelled).toBe(true);
  });
});
