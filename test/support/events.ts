/** Reads a stream of server-sent events as this project writes them. */
import type { Json } from './broker.ts';

export interface ReadEvent {
  readonly event: string;
  readonly data: Json;
}

/** Throws where something is no event. */
export const eventsIn = (text: string): ReadEvent[] =>
  text
    .split('\n\n')
    .filter((each) => each !== '')
    .map((each) => {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(each) ?? [];
      if (event === undefined || data === undefined) throw new Error(`not an event: ${each}`);
      return { event, data: JSON.parse(data) };
    });
