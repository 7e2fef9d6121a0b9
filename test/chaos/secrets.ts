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
      if (windows.size === 0) throw new Error('nothing was issued: nothing could be found');
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
  const bytes = Buffer.from(value).subarray(unique ? unique.index + unique[0].length : 0);
  // Base64 takes three bytes at a time: in whatever it is encoded, one of three beginnings is the first of such three.
  const encoded = [0, 1, 2].flatMap((skip) => {
    const part = bytes.subarray(skip, skip + (WINDOW * 3) / 4);
    return [part.toString('base64'), part.toString('base64url')];
  });
  const windows = [bytes.subarray(0, WINDOW).toString(), ...encoded];
  return windows.map((window) => (window.length < WINDOW ? value.slice(-WINDOW) : window));
};
