/** Policies as the token call sees them: read once in a while, not every time. */
import type { Clock } from './clock.ts';
import type { PolicySource } from './ports.ts';

/** How long a token call may go on with a policy that was changed. */
export const POLICY_MS = 30_000;
const MAX_ORGANIZATIONS = 1_000;

/** One read per instance and organization every 30 seconds, for the token call. */
export const cachedPolicies = (source: PolicySource, clock: Clock): PolicySource => {
  const cache = new Map<string, { until: number; found: ReturnType<PolicySource['policy']> }>();
  return {
    policy: (tenant) => {
      const known = cache.get(tenant);
      if (known && clock.elapsed() < known.until) return known.found;
      const found = source.policy(tenant);
      cache.delete(tenant);
      cache.set(tenant, { until: clock.elapsed() + POLICY_MS, found });
      found.catch(() => cache.delete(tenant));
      const [oldest] = cache.keys();
      if (cache.size > MAX_ORGANIZATIONS && oldest !== undefined) cache.delete(oldest);
      return found;
    },
  };
};
