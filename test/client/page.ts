/** The two things of a page that Node lacks or shares between tests. */
const createStorage = (): Storage => {
  const items = new Map<string, string>();
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
    toJSON: () => Object.fromEntries(items),
  };
  return storage as unknown as Storage;
};

/** A new tab: nothing in its session storage, and no other tab to wait for. */
export const newPage = (): void => {
  const globals = {
    sessionStorage: createStorage(),
    navigator: { locks: { request: (_name: string, work: () => unknown) => work() } },
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
};

/** What the broker says of sessions: by which claims it knows a user, and who asks. */
export const sessionIdentity = { user: 'u'.repeat(43), claims: [['iss'], ['sub'], ['tenant']] };
