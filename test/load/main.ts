/** `npm run load [-- --long]`: capacity, overload and a soak, with figures. Ends with code 1 when something broke. */
import { availableParallelism } from 'node:os';
import { startTestStack } from '../support/broker.ts';
import { brokenIn, connectUsers, drive, isGrowing, lostAfterwards, type Phase } from './load.ts';

const long = process.argv.includes('--long');
const stack = await startTestStack({ environment: { RATE_LIMIT_USER: '100000/100000' } });
const progress = (line: string) => process.stderr.write(`\r${line}\u001b[K`);
const phases: Phase[] = [];
const broken: string[] = [];
try {
  const users = await connectUsers(stack, 50);
  const run = async (what: Parameters<typeof drive>[2]) => {
    const phase = await drive(stack, users, what, progress);
    phases.push(phase);
    broken.push(...brokenIn(phase));
    return phase;
  };
  await run({ name: 'warm-up', seconds: 3, concurrency: 8 });
  const { statuses, seconds } = await run({ name: 'capacity (16 callers)', seconds: 10, concurrency: 16 });
  const capacity = Math.max(1, Math.round((statuses[200] ?? 0) / seconds));
  await run({ name: 'at capacity', seconds: 10, perSecond: capacity });
  await run({ name: 'three times', seconds: 10, perSecond: capacity * 3 });
  const most = await run({ name: 'ten times', seconds: 10, perSecond: capacity * 10 });
  if (!most.refusals.temporarily_unavailable) broken.push('ten times the capacity, and nobody was turned away');
  const soak = await run({ name: 'soak at half', seconds: long ? 600 : 60, perSecond: Math.ceil(capacity / 2) });
  if (isGrowing(soak.memory)) broken.push(`memory grew: ${soak.memory.join(' ')}`);
  const { reuseAlarms } = stack.providers.notes.control.read().counts;
  if (reuseAlarms > 0) broken.push(`${reuseAlarms} reuse alarms`);
  broken.push(...(await lostAfterwards(stack, users)).map((each) => `lost: ${each}`));
} finally {
  await stack.stop();
}

const count = ({ statuses }: Phase, status: number) => String(statuses[status] ?? 0);
const range = ({ memory }: Phase) => (memory.length > 0 ? `${Math.min(...memory)}-${Math.max(...memory)}` : 'unknown');
const columns = [
  'phase',
  's',
  'requests',
  'per s',
  '200',
  '429',
  '503 unavailable',
  '503 in progress',
  'other',
  'p50 ms',
  'p99 ms',
  'unavailable p50 ms',
  'unavailable p99 ms',
  'open at most',
  'held back',
  'timers late p99 ms',
  'RSS MB',
];
process.stderr.write('\r\u001b[K');
console.log(
  `Node ${process.version}, ${availableParallelism()} cores; one broker process, everything else in a second one.\n`,
);
console.log(`| ${columns.join(' | ')} |\n|${' --- |'.repeat(columns.length)}`);
for (const phase of phases) {
  const other = phase.requests - [200, 429, 503].reduce((sum, status) => sum + (phase.statuses[status] ?? 0), 0);
  const { name, seconds, requests, p50, p99, shedP50, shedP99, mostOutstanding, heldBack, delayP99 } = phase;
  const shed = phase.refusals.temporarily_unavailable ?? 0;
  const cells = [
    name,
    seconds,
    requests,
    Math.round(requests / seconds),
    count(phase, 200),
    count(phase, 429),
    shed,
    (phase.statuses[503] ?? 0) - shed,
    other,
    p50,
    p99,
    shedP50,
    shedP99,
    mostOutstanding,
    heldBack,
    delayP99,
    range(phase),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
console.log(broken.length === 0 ? '\nEverything held.' : `\nBroken:\n${broken.map((each) => `- ${each}`).join('\n')}`);
process.exit(broken.length === 0 ? 0 : 1);
