/** Writes docs/cost.md from measured operations and list prices. */
import { writeFile } from 'node:fs/promises';
import {
  ASSUMED,
  type Bill,
  callsPerMonth,
  fixedBill,
  linesOf,
  MEASURED,
  perMillion,
  perUsers,
  perUsersSignedIn,
  ROTATIONS,
  renewalsPerMonth,
  totalOf,
} from './cost/model.ts';
import { LOOKED_AT, PRICES } from './cost/prices.ts';

const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [row(head), row(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n');
const dollars = (amount: number): string => amount.toFixed(2);
const count = (amount: number): string => amount.toLocaleString('en-US');

/** A column per bill. */
const bills = (columns: Readonly<Record<string, Bill>>): string => {
  const [first = {}] = Object.values(columns);
  const rows = linesOf(first).map(({ what }, index) => [
    what,
    ...Object.values(columns).map((bill) => dollars(linesOf(bill)[index]?.dollars ?? 0)),
  ]);
  const totals = ['**together**', ...Object.values(columns).map((bill) => `**${dollars(totalOf(bill))}**`)];
  return table(['US dollars', ...Object.keys(columns)], [...rows, totals]);
};

const perUser = (bill: Bill): string => ((100 * totalOf(bill)) / ASSUMED.users).toFixed(2);

export const costDoc = (): string => `# What it costs

Made by \`npm run generate\` from operations that were counted (\`npm run measure:operations\`) and list prices; a test fails when it is not current, and another one when a token call
does something else than is reckoned here. Your bill will differ: look at what is assumed.

## A million token calls

${bills({
  ...Object.fromEntries(ROTATIONS.map((rotation) => [`${rotation}, busy`, perMillion(rotation, ASSUMED.overlapping)])),
  'stable, each alone': perMillion('stable', 1),
})}

Busy: ${ASSUMED.overlapping} calls overlap in an instance and share its seconds. Each alone: nobody else calls meanwhile; the provider's answer is most of what is paid for.
Google is stable, Microsoft tolerant ([refresh](refresh.md)). In a multi-region (eur3, nam5) Firestore costs twice as much.

The log is a large part of it. It is made of the platform's request logs, the audit log entries of Cloud KMS and Firestore, and the functions' own lines. Without the audit log of
DATA_READ three alerts could not fire (playbooks/TokenDatabaseRead.md, playbooks/UnexpectedDecrypt.md, playbooks/UnexpectedSignature.md); what can be had for less are request logs: a sample rate at the balancer, and an exclusion of Cloud Run's.

## ${count(ASSUMED.users)} users, a month

${count(callsPerMonth())} token calls: ${ASSUMED.days} days, ${ASSUMED.providersPerUser} providers each, ${ASSUMED.callsPerDay} tokens a day and provider (they live for an hour, and the page is open all day); one connection in ${1 / ASSUMED.reconnects}
is made anew.

${bills({
  [`${count(ASSUMED.users)} users`]: perUsers(),
  "with the broker's own sessions": perUsersSignedIn(),
  'nobody at all': fixedBill(),
})}

That is ${perUser(perUsers())} cents a user, and ${perUser(perUsersSignedIn())} where users sign in here: their sessions live for ${ASSUMED.renewalMinutes} minutes, and ${count(renewalsPerMonth())} renewals (an open page, ${ASSUMED.hoursPerDay} hours a day) are more than the token calls.
A product with sessions of its own has none of these. Nobody at all: what stands there anyway, and the scheduler's runs that find nothing to do. Instances that are kept warm are not in it: one vCPU with 512 MiB that waits all month
is about ${dollars(ASSUMED.hours * 3600 * (0.0000025 + 0.5 * 0.0000025))} more (waiting costs a tenth of the CPU's price: run/pricing).

## What was counted

On the local stack, each operation once, undisturbed, when the instance has read the organization's policy already (a token call reads it every 30 seconds; one read). Reads are documents, and at least one
per query.

${table(
  ['operation', 'reads', 'writes', 'deletes', 'Cloud KMS', 'provider', 'log lines', 'log bytes'],
  Object.entries(MEASURED).map(([name, { reads, writes, deletes, keys, provider, logLines, logBytes }]) => [
    name,
    reads,
    writes,
    deletes,
    keys,
    provider,
    logLines,
    logBytes,
  ]),
)}

## What is assumed

- A call takes ${ASSUMED.callSeconds} s, of which the provider has most; an instance has one vCPU and ${ASSUMED.memoryGib} GiB. CPU time per call is measured in [performance](performance.md), and does not matter here: seconds are paid while a call waits.
- A renewal takes ${ASSUMED.renewalSeconds} s, not measured on the platform, alone in its instance: nobody waits for a provider. Signing in, once a day, is a hundredth of that, and not in it.
- ${count(ASSUMED.requestBytes)} bytes to the balancer and ${count(ASSUMED.answerBytes)} back; a document of ${count(ASSUMED.documentBytes)} bytes with its indexes.
- Log: ${count(ASSUMED.envelopeBytes)} bytes around each line of the functions, ${ASSUMED.requestLogs} request logs of ${count(ASSUMED.requestLogBytes)} bytes, and an audit entry of ${count(ASSUMED.auditBytes)} bytes per call to Cloud KMS and per reading of documents.
- ${ASSUMED.jobs} jobs, ${ASSUMED.secrets} secrets, ${ASSUMED.keyVersions} active key versions, ${ASSUMED.armorRules} rules of Cloud Armor. The sweep runs each minute, the prober and the re-wrapping every five.
- Not in it: the directory ([directory](directory.md) has what a run reads and writes), log-based metrics and alert conditions, builds, a domain, people.

## List prices

US dollars, without free quotas and discounts, looked at in ${LOOKED_AT}: some on the pages of cloud.google.com that are named, some in copies of these. Those of Cloud Armor, Cloud Logging and Cloud Scheduler were not confirmed on their pages: look before you rely on them.

${table(
  ['what', 'dollars', 'per', 'page'],
  Object.values(PRICES).map(({ what, dollars: amount, per, unit, page }) => [
    what,
    amount < 0.001 ? amount.toFixed(7).replace(/0+$/, '') : amount,
    per === 1 ? unit : `${count(per)} ${unit}`,
    page,
  ]),
)}
`;

if (import.meta.main) await writeFile(new URL('../docs/cost.md', import.meta.url), costDoc());
