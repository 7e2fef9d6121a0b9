/** List prices, US dollars, before free quotas, discounts and taxes; a European or American region of Google's first price tier. */

export interface Price {
  readonly what: string;
  readonly dollars: number;
  readonly per: number;
  readonly unit: string;
  /** Of cloud.google.com. */
  readonly page: string;
}

const price = (what: string, dollars: number, per: number, unit: string, page: string): Price => ({
  what,
  dollars,
  per,
  unit,
  page,
});

/** When they were last looked at; docs/cost.md says which were not confirmed. */
export const LOOKED_AT = 'November 2026';

export const PRICES = {
  cpu: price('Cloud Run functions, CPU (billed by request)', 0.000024, 1, 'vCPU second', 'run/pricing'),
  memory: price('Cloud Run functions, memory', 0.0000025, 1, 'GiB second', 'run/pricing'),
  request: price('Cloud Run functions, requests', 0.4, 1_000_000, 'requests', 'run/pricing'),
  read: price('Firestore, reads (one region)', 0.03, 100_000, 'documents', 'firestore/pricing'),
  write: price('Firestore, writes (one region)', 0.09, 100_000, 'documents', 'firestore/pricing'),
  remove: price('Firestore, deletes (one region)', 0.01, 100_000, 'documents', 'firestore/pricing'),
  storage: price('Firestore, storage (one region)', 0.15, 1, 'GiB month', 'firestore/pricing'),
  key: price('Cloud KMS, cryptographic operations (software)', 0.03, 10_000, 'operations', 'kms/pricing'),
  keyVersion: price('Cloud KMS, active key version', 0.06, 1, 'version month', 'kms/pricing'),
  rule: price('Load balancer, up to five forwarding rules', 0.025, 1, 'hour', 'load-balancing/pricing'),
  balanced: price('Load balancer, data in and out', 0.008, 1, 'GiB', 'load-balancing/pricing'),
  egress: price('Data to the internet', 0.12, 1, 'GiB', 'vpc/network-pricing'),
  armorPolicy: price('Cloud Armor Standard, policy', 5, 1, 'month', 'armor/pricing'),
  armorRule: price('Cloud Armor Standard, rule', 1, 1, 'month', 'armor/pricing'),
  armorRequest: price('Cloud Armor Standard, requests', 0.75, 1_000_000, 'requests', 'armor/pricing'),
  log: price('Cloud Logging, ingestion', 0.5, 1, 'GiB', 'stackdriver/pricing'),
  job: price('Cloud Scheduler, job', 0.1, 1, 'month', 'scheduler/pricing'),
  secret: price('Secret Manager, active version', 0.06, 1, 'month', 'secret-manager/pricing'),
} as const;

export type PriceName = keyof typeof PRICES;
export const costOf = (name: PriceName, amount: number): number => (amount * PRICES[name].dollars) / PRICES[name].per;
