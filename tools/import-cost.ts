/**
 * What each runtime dependency costs to load: `npm run measure:imports`. A process per import, in turns; milliseconds of
 * the import alone.
 */
import { execFileSync } from 'node:child_process';

const PACKAGES = [
  '@google-cloud/functions-framework',
  '@google-cloud/firestore',
  '@google-cloud/kms',
  '@azure/msal-node',
  'google-auth-library',
  '@googleapis/admin',
  '@google/genai',
  'jose',
  'oauth4webapi',
];
const ROUNDS = 7;

const once = (name: string): number => {
  const script = `const begun = performance.now(); await import('${name}'); console.log(performance.now() - begun);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
};

const times = new Map<string, number[]>(PACKAGES.map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  process.stderr.write(`round ${round + 1} of ${ROUNDS}\n`);
  for (const name of PACKAGES) times.get(name)?.push(once(name));
}
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
console.log(`Node ${process.version}\n| package | median ms | min-max |\n| --- | --- | --- |`);
for (const [name, values] of times) {
  const middle = median(values);
  const range = `${Math.round(values[0] ?? 0)}-${Math.round(values.at(-1) ?? 0)}`;
  console.log(`| ${name} | ${Math.round(middle)} | ${range} |`);
}
