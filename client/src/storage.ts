/**
 * Every access to the tab's session storage. A browser may deny it (blocked cookies, a sandboxed frame, a full disk, an
 * embedded view without storage): values then live in this page's memory. Nothing here throws.
 */
const memory = new Map<string, string>();

const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

/** What was written as an object; `undefined` where nothing is there, or something that is no object in JSON. */
// biome-ignore lint/suspicious/noExplicitAny: the caller knows what it wrote
export const read = (key: string): any =>
  attempt(() => {
    const value = JSON.parse(memory.get(key) ?? sessionStorage.getItem(key) ?? '0');
    return typeof value === 'object' && !Array.isArray(value) && value ? value : undefined;
  });

export const remove = (key: string): void => {
  memory.delete(key);
  attempt(() => sessionStorage.removeItem(key));
};

/** @returns whether the value outlives this page */
export const write = (key: string, value: object): boolean => {
  const text = JSON.stringify(value);
  // The former value must not come back where the new one does not fit.
  remove(key);
  const isKept = attempt(() => {
    sessionStorage.setItem(key, text);
    return true;
  });
  if (!isKept) memory.set(key, text);
  return !!isKept;
};

export const keys = (): string[] => [...memory.keys(), ...(attempt(() => Object.keys(sessionStorage)) ?? [])];
