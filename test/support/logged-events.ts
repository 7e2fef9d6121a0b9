/** The table of docs/events.md. */
import { readFileSync } from 'node:fs';

export interface DocumentedEvent {
  readonly severities: readonly string[];
  readonly members: readonly string[];
}

const document = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
export const EVENTS: ReadonlyMap<string, DocumentedEvent> = new Map(
  [...document.matchAll(/^\| `(\w+)` \| ([A-Z, ]+) \| ([\w, ]+) \|/gm)].map(
    ([, name = '', severities = '', members = '']) => [
      name,
      { severities: severities.split(', '), members: members.split(', ') },
    ],
  ),
);

/** What every line may have. */
const COMMON = new Set(['severity', 'message', 'event', 'correlation_id', 'operation', 'tenant']);

/** What the lines have that the table does not. */
export const undocumented = (logs: readonly string[]): string[] => {
  const found = new Set<string>();
  // A whole output may be one of them.
  for (const text of logs.flatMap((each) => each.split('\n'))) {
    if (!text.startsWith('{')) continue;
    const line = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const event = EVENTS.get(String(line.event));
    if (!event) found.add(String(line.event));
    else if (!event.severities.includes(String(line.severity))) found.add(`${line.event}: ${line.severity}`);
    for (const member of Object.keys(line)) {
      const isKnown = COMMON.has(member) || member.startsWith('logging.googleapis.com/');
      if (!isKnown && !event?.members.includes(member)) found.add(`${line.event}: ${member}`);
    }
  }
  return [...found];
};
