import { Unavailable } from './errors.ts';
import type { ConnectionStore, Observe, Stored } from './ports.ts';

/** Marks a record that does not open, and keeps it: a wrong key name in the configuration looks the same and must not lose it. */
export const quarantine = async (
  { connections, observe }: { readonly connections: Pick<ConnectionStore, 'update'>; readonly observe: Observe },
  stored: Stored,
): Promise<void> => {
  const { tenant, provider } = stored.key;
  observe({ event: 'integrity_error', severity: 'ALERT', tenant, provider });
  if (stored.connection.authorizeAgain) return;
  try {
    await connections.update(stored, { authorizeAgain: 'integrity_error' });
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
  }
};
