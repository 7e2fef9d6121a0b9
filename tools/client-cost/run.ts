/** One process, one way: loads it, makes its clients, asks for the first time, then many times. Prints one line of JSON. */
import { type Place, WAYS } from './ways.ts';

const WARM_UP = 100;
const ROUNDS = 300;

const [, , name = '', place = ''] = process.argv;
const way = WAYS[name];
if (!way) throw new Error(`no way ${name}`);

const milliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

const atStart = process.cpuUsage();
const begun = performance.now();
const make = await way.load(JSON.parse(place) as Place);
const loaded = performance.now();
const round = await make();
await round();
const answered = performance.now();
const startCpu = milliseconds(process.cpuUsage(atStart));
const rss = process.memoryUsage().rss;
for (let n = 0; n < WARM_UP; n++) await round();
const before = process.cpuUsage();
for (let n = 0; n < ROUNDS; n++) await round();
const cpu = milliseconds(process.cpuUsage(before)) / ROUNDS;
console.log(JSON.stringify({ load: loaded - begun, first: answered - loaded, startCpu, cpu, rss: rss / 1e6 }));
process.exit();
