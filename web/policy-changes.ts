/** Two policies compared and put together, leaf by leaf (`providers.google.flow`). */
import type { Policy } from '../client/src/admin.ts';
import type { Speech } from './words.ts';

type Value = string | boolean;

export interface Change {
  readonly path: string;
  /** `undefined`: it was not there. */
  readonly from: Value | undefined;
  readonly to: Value;
}

const leavesOf = (value: object, path = ''): [string, Value][] =>
  Object.entries(value).flatMap(([name, each]: [string, Value | object]): [string, Value][] =>
    typeof each === 'object' ? leavesOf(each, `${path}${name}.`) : [[path + name, each]],
  );

export const changesBetween = (before: Policy, after: Policy): Change[] => {
  const old = new Map(leavesOf(before));
  // A source that is not named is off.
  return leavesOf(after).flatMap(([path, to]) =>
    (old.get(path) ?? false) === to ? [] : [{ path, from: old.get(path), to }],
  );
};

/** A copy; what has no place in it any more is left out. */
export const withChanges = (policy: Policy, changes: readonly Pick<Change, 'path' | 'to'>[]): Policy => {
  const copy = structuredClone(policy);
  for (const { path, to } of changes) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    // biome-ignore lint/suspicious/noExplicitAny: walked by names, as JSON
    const place = names.reduce<any>((at, name) => at?.[name], copy);
    if (place) place[last] = to;
  }
  return copy;
};

export const FLOWS = {
  authorization_code: 'Authorization code',
  browser_code: 'Code in the browser',
  implicit: 'Implicit (legacy)',
} as const;

export const valueText = (value: Value | undefined): string =>
  typeof value === 'string' ? FLOWS[value as keyof typeof FLOWS] : value ? 'on' : 'off';

/** What a leaf is called on the page. */
export const leafText = (path: string, { title, source }: Speech): string => {
  const [top, name = '', member, integration = '', leaf] = path.split('.');
  if (top === 'search_ai') {
    if (name === 'sources') return `Search AI, ${source(member ?? '')}`;
    return name === 'enabled' ? 'Search AI' : 'Search AI, identifiers of documents';
  }
  if (member === 'enabled') return title(name);
  if (member === 'flow') return `${title(name)}, how users authorize`;
  return `${title(name)}, ${title(integration)}${leaf === 'read_only' ? ', read only' : ''}`;
};
