/** A key service whose client is loaded and opened with the first call, which a refused flow never makes. */
import type { KeyWrapper } from '../core/ports.ts';

/** @param open runs once, again only after it failed */
export const lazyWrapper = (open: () => Promise<KeyWrapper>): KeyWrapper => {
  let opening: Promise<KeyWrapper> | undefined;
  const opened = (): Promise<KeyWrapper> => {
    opening ??= open().catch((error) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return { wrap: async (dataKey, aad) => (await opened()).wrap(dataKey, aad) };
};
