/** Server-sent events, read from any response: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
export interface ServerEvent {
  /** `message` where the stream names none. */
  readonly event: string;
  readonly data: string;
}

/**
 * Lines may end in CR, LF or both, and chunks anywhere. Comments, ids and retry times are of no use here. An event that the
 * stream's end cuts off is none. Whoever stops asking cancels the stream.
 */
export async function* eventsIn(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent, undefined> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let event = '';
  let data: string[] = [];
  /** Of a line that has not ended: joined once, when it does. */
  let rest: string[] = [];
  let isAfterCr = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      let text = decoder.decode(value, { stream: true });
      if (text === '') continue;
      // The LF of a CRLF that the chunks' border has parted.
      if (isAfterCr && text.startsWith('\n')) text = text.slice(1);
      isAfterCr = text.endsWith('\r');
      const lines = text.split(/\r\n|\r|\n/);
      rest.push(lines[0] ?? '');
      if (lines.length === 1) continue;
      lines[0] = rest.join('');
      rest = [lines.pop() ?? ''];
      for (const line of lines) {
        const [, name, content = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
        if (name === 'event') event = content;
        else if (name === 'data') data.push(content);
        if (line !== '') continue;
        if (data[0] !== undefined) yield { event: event || 'message', data: data.join('\n') };
        event = '';
        data = [];
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
