/** Looks for what the providers handed out (codes, tokens, content) where none of it may ever stand. */
import type { Issued } from '../../local/providers/ledger.ts';
import type { World } from './world.ts';

/** Of a secret's random part: as good as the whole, and quick to look up. */
const WINDOW = 16;

export interface SecretScan {
  /** @returns the kinds of secrets that stand in the text, as they are or in base64 */
  find(text: string): string[];
}

/** Everything that was issued so far, and what is issued until a later `find`. */
export const createSecretScan = (world: World): SecretScan => {
  const windows = new Map<string, Issued['kind']>();
  const seen = new Map<string, number>();
  const learn = () => {
    for (const [name, { control }] of Object.entries(world.providers)) {
      const issued = control.issued();
      for (const { kind, value } of issued.slice(seen.get(name) ?? 0)) {
        for (const window of windowsOf(value)) windows.set(window, kind);
      }
      seen.set(name, issued.length);
    }
  };
  return {
    find: (text) => {
      learn();
      const found: string[] = [];
      for (let start = 0; start + WINDOW <= text.length; start++) {
        const kind = windows.get(text.slice(start, start + WINDOW));
        if (kind) found.push(kind);
      }
      return found;
    },
  };
};

/** Every secret of the simulated providers has a canary: `CANARY-<kind>-` and what makes it unique. */
const windowsOf = (value: string): string[] => {
  const unique = /CANARY-[A-Z]+-/.exec(value);
  const start = unique ? unique.index + unique[0].length : 0;
  const encoded = Buffer.from(value).toString('base64');
  const from = Math.ceil((start * 4) / 3) + 1;
  const windows = [
    value.slice(start, start + WINDOW),
    encoded.slice(from, from + WINDOW),
    encoded
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .slice(from, from + WINDOW),
  ];
  return windows.map((window) => (window.length < WINDOW ? value.slice(-WINDOW) : window));
};

/** docs/storage.md. */
export const COLLECTIONS = ['connections', 'flows', 'tombstones', 'policies'] as const;

/** What is stored; bytes as characters, so that plain text in them is found. */
export const storedText = async (
  { database }: World,
  names: readonly (typeof COLLECTIONS)[number][] = COLLECTIONS,
): Promise<string> => {
  const collections = await Promise.all(names.map((name) => database.collection(name).get()));
  const documents = collections.flatMap(({ docs }) => docs);
  return documents.map((each) => `${each.id} ${JSON.stringify(each.data(), asText)}`).join('\n');
};

const asText = (_: string, value: unknown) => {
  const bytes = value as { type?: string; data?: number[] } | null;
  return bytes?.type === 'Buffer' ? Buffer.from(bytes.data ?? []).toString('latin1') : value;
};
