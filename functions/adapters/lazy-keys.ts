/** A key service whose client is loaded and opened with the first call, which a refused flow never makes. */
import type { KeyUnwrapper, KeyWrapper } from '../core/ports.ts';

type Keys = KeyWrapper & KeyUnwrapper;

/** @param open runs once, again only after it failed */
export const lazyKeys = (open: () => Promise<Keys>): Keys => {
  let opening: Promise<Keys> | undefined;
  const opened = (): Promise<Keys> => {
    opening ??= open().catch((error) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    wrap: async (dataKey, aad) => (await opened()).wrap(dataKey, aad),
    unwrap: async (wrappedKey, aad) => (await opened()).unwrap(wrappedKey, aad),
  };
};
