/** `npm run scale:connections [-- connections]`: 100,000 connections of one organization, swept to zero, with figures. */
import { availableParallelism } from 'node:os';
import { runScale } from './scale.ts';

const connections = Number(process.argv[2] ?? 100_000);
if (!Number.isSafeInteger(connections) || connections < 1) throw new RangeError('how many connections? 1 or more');
const report = await runScale(connections, (line) => process.stderr.write(`\r${line}\u001b[K`));
process.stderr.write('\r\u001b[K');

const { seconds, runs, leftAtKill, megabytes, revoked, repeated, left, othersGone } = report;
console.log(`Node ${process.version}, ${availableParallelism()} cores; the sweeping process, and everything else in a second one.

connections            ${connections}
seconds                ${seconds.toFixed(1)}
connections a second   ${(connections / seconds).toFixed(0)}
runs                   ${runs}
left at the kill       ${leftAtKill ?? 'nothing: it was done before'}
RSS at most, MB        ${megabytes ?? 'unknown'}
tokens revoked         ${revoked}, asked again about ${repeated}
left at the end        ${left}
others' that are gone  ${othersGone}`);
if (left > 0 || othersGone > 0 || revoked < connections) process.exitCode = 1;
