/** How a row of this folder changes a configuration. */
import type { InfraManifest } from '../../../tools/infra.ts';
import { type Block, block, type Configuration } from '../configuration.ts';

export type Mutable = { -readonly [K in keyof InfraManifest]: Editable<InfraManifest[K]> };
type Editable<T> = T extends object ? { -readonly [K in keyof T]: Editable<T[K]> } : T;
/** Changes a copy in place. */
export type Change = (copy: Configuration, manifest: Mutable) => void;

export const resource = ({ resources }: Configuration, address: string): Block => {
  const found = resources.get(address);
  if (!found) throw new Error(`${address} is not there`);
  return found;
};
export const config = (copy: Configuration, name: string) =>
  block(resource(copy, 'google_cloudfunctions2_function.this'), name);
export const local = ({ locals }: Configuration, name: string) =>
  locals.get(name) as Record<string, Record<string, unknown>>;

/** What somebody may do one day, the policy of policies.test.ts that finds it, and what it says. */
export type Break = readonly [what: string, policy: string, found: RegExp, change: Change];
