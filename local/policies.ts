/**
 * What the demo's organizations have decided: the one uses the broker everywhere, and Search AI for all but calendars; the
 * other never touched its policy.
 */
import { policyRef } from '../functions/adapters/firestore/client.ts';
import type { Policy } from '../functions/core/policy-form.ts';
import { databaseOf } from './firestore/client.ts';

const POLICIES: Readonly<Record<string, Policy>> = {
  'org-1': {
    providers: { google: { flow: 'authorization_code' } },
    search_ai: {
      enabled: true,
      sources: { host: true, onedrive: true, outlook: true, drive: true, gmail: true, calendar: false },
      document_ids: true,
    },
  },
};

export const storePolicies = async (environment: Readonly<Record<string, string>>): Promise<void> => {
  const database = databaseOf(environment);
  for (const [tenant, policy] of Object.entries(POLICIES)) await policyRef(database, tenant).set({ ...policy });
  await database.terminate();
};
