/** What is bought for token calls, and for users: measured operations, and assumptions that are named. */
import { readFileSync } from 'node:fs';
import { costOf, type PriceName } from './prices.ts';

export type Rotation = 'stable' | 'tolerant' | 'strict';
export const ROTATIONS: readonly Rotation[] = ['stable', 'tolerant', 'strict'];

/** Of one request, as `npm run measure:operations` counts. */
export interface Operations {
  /** Documents that were read (an absent one counts; of a query at least one), written, removed. */
  readonly reads: number;
  readonly writes: number;
  readonly deletes: number;
  /** Calls to the key service, and to the provider. */
  readonly keys: number;
  readonly provider: number;
  /** What the functions have logged. */
  readonly logLines: number;
  readonly logBytes: number;
}

export const MEASURED: Readonly<Record<string, Operations>> = JSON.parse(
  readFileSync(new URL('operations.json', import.meta.url), 'utf8'),
);
const measured = (name: string): Operations => {
  const found = MEASURED[name];
  if (!found) throw new Error(`${name} was not measured: npm run measure:operations`);
  return found;
};

const GIB = 2 ** 30;

/** Not measured here: they depend on the platform, on providers and on people. */
export const ASSUMED = {
  callSeconds: 0.3,
  overlapping: 4,
  memoryGib: 0.5,
  requestBytes: 2_000,
  answerBytes: 4_000,
  envelopeBytes: 400,
  requestLogBytes: 1_500,
  requestLogs: 2,
  auditBytes: 1_500,
  users: 10_000,
  days: 22,
  callsPerDay: 8,
  providersPerUser: 2,
  reconnects: 0.1,
  renewalSeconds: 0.1,
  renewalMinutes: 5,
  hoursPerDay: 8,
  documentBytes: 3_000,
  hours: 730,
  armorRules: 3,
  secrets: 6,
  jobs: 4,
  keyVersions: 6,
} as const;

export type Bill = Readonly<Partial<Record<PriceName, number>>>;
export interface Line {
  readonly what: string;
  readonly dollars: number;
}

/** Amounts that one request buys. */
const requestBill = ({ reads, writes, deletes, keys, logLines, logBytes }: Operations, seconds: number): Bill => {
  const entries = logBytes + logLines * ASSUMED.envelopeBytes + ASSUMED.requestLogs * ASSUMED.requestLogBytes;
  // An entry per call to the key service, and per reading of documents.
  const audits = (keys + (reads > 0 ? 1 : 0)) * ASSUMED.auditBytes;
  return {
    cpu: seconds,
    memory: seconds * ASSUMED.memoryGib,
    request: 1,
    read: reads,
    write: writes,
    remove: deletes,
    key: keys,
    armorRequest: 1,
    balanced: (ASSUMED.requestBytes + ASSUMED.answerBytes) / GIB,
    egress: ASSUMED.answerBytes / GIB,
    log: (entries + audits) / GIB,
  };
};

const times = (bill: Bill, factor: number): Bill =>
  Object.fromEntries(Object.entries(bill).map(([name, amount]) => [name, amount * factor]));
const together = (...bills: readonly Bill[]): Bill => {
  const sum: Partial<Record<PriceName, number>> = {};
  for (const [name, amount] of bills.flatMap((bill) => Object.entries(bill) as [PriceName, number][])) {
    sum[name] = (sum[name] ?? 0) + amount;
  }
  return sum;
};

const GROUPS: Readonly<Record<string, readonly PriceName[]>> = {
  'Cloud Run functions': ['cpu', 'memory', 'request'],
  Firestore: ['read', 'write', 'remove', 'storage'],
  'Cloud KMS': ['key', 'keyVersion'],
  'load balancer and traffic': ['rule', 'balanced', 'egress'],
  'Cloud Armor': ['armorPolicy', 'armorRule', 'armorRequest'],
  'Cloud Logging': ['log'],
  'Scheduler, Secret Manager': ['job', 'secret'],
};
export const linesOf = (bill: Bill): Line[] =>
  Object.entries(GROUPS).map(([what, names]) => ({
    what,
    dollars: names.reduce((sum, name) => sum + costOf(name, bill[name] ?? 0), 0),
  }));
export const totalOf = (bill: Bill): number => linesOf(bill).reduce((sum, { dollars }) => sum + dollars, 0);

/** Of a busy function several calls share the seconds of one instance; alone, each has its own. */
export const tokenBill = (rotation: Rotation, overlapping: number): Bill =>
  requestBill(measured(`token, ${rotation}`), ASSUMED.callSeconds / overlapping);

export const MILLION = 1_000_000;
export const perMillion = (rotation: Rotation, overlapping: number): Bill =>
  times(tokenBill(rotation, overlapping), MILLION);

export const callsPerMonth = (): number =>
  ASSUMED.users * ASSUMED.days * ASSUMED.callsPerDay * ASSUMED.providersPerUser;

/** A month: half of the calls at Google, half at Microsoft. */
export const perUsers = (): Bill => {
  const half = callsPerMonth() / 2;
  const connections = ASSUMED.users * ASSUMED.providersPerUser;
  const flows = (connections * ASSUMED.reconnects) / 2;
  const flow = (rotation: Rotation): Bill =>
    together(
      requestBill(measured(`authorize, ${rotation}`), ASSUMED.callSeconds),
      requestBill(measured(`complete, ${rotation}`), ASSUMED.callSeconds),
    );
  return together(
    times(tokenBill('stable', ASSUMED.overlapping), half),
    times(tokenBill('tolerant', ASSUMED.overlapping), half),
    times(flow('stable'), flows),
    times(flow('tolerant'), flows),
    { storage: (connections * ASSUMED.documentBytes) / GIB },
    fixedBill(),
  );
};

export const renewalsPerMonth = (): number =>
  ASSUMED.users * ASSUMED.days * ((ASSUMED.hoursPerDay * 60) / ASSUMED.renewalMinutes);

/** The same users, whose sessions are the broker's own. */
export const perUsersSignedIn = (): Bill =>
  together(perUsers(), times(requestBill(measured('renew a session'), ASSUMED.renewalSeconds), renewalsPerMonth()));

/** A month in which nobody calls. */
export const fixedBill = (): Bill => {
  const minutes = ASSUMED.hours * 60;
  const idle = (operations: Operations, runs: number): Bill => {
    const { armorRequest: _, balanced: _in, egress: _out, ...bill } = requestBill(operations, 0.1);
    return times(bill, runs);
  };
  return together(
    {
      rule: ASSUMED.hours,
      armorPolicy: 1,
      armorRule: ASSUMED.armorRules,
      keyVersion: ASSUMED.keyVersions,
      job: ASSUMED.jobs,
      secret: ASSUMED.secrets,
    },
    idle(measured('sweep, nothing to do'), minutes),
    idle(measured('rewrap, nothing to do'), minutes / 5),
    idle(measured('probe'), minutes / 5),
  );
};
