/**
 * What the ways to Firestore and Cloud KMS cost a token call: `npm run measure:clients`. A process per way, in turns, against the stand-ins
 * in this process (no TLS, 0 ms away). Compare the figures of one run with each other only.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Firestore } from '@google-cloud/firestore';
import { toClient } from '../functions/adapters/firestore/client.ts';
import { connectionPlace, documentOf } from '../functions/adapters/firestore/documents.ts';
import { kmsKeys, openKms } from '../functions/adapters/kms-client.ts';
import { startFirestore } from '../local/firestore/server.ts';
import { startKms } from '../local/kms/server.ts';
import { type Place, WAYS } from './client-cost/ways.ts';

const TURNS = 11;
const COLUMNS = [
  ['load', 'load, ms'],
  ['first', 'clients and first calls, ms'],
  ['startCpu', 'CPU of both, ms'],
  ['cpu', 'CPU of a later call, ms'],
  ['rss', 'RSS after the first call, MB'],
] as const;
type Figures = Record<(typeof COLUMNS)[number][0], number>;

process.env.METADATA_SERVER_DETECTION = 'none';
const [firestore, kms] = await Promise.all([startFirestore(), startKms()]);
const metadata = createServer((_, res) => {
  res.setHeader('metadata-flavor', 'Google').setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ access_token: 'a-token', expires_in: 3599, token_type: 'Bearer' }));
});
await new Promise<void>((resolve) => metadata.listen(0, '127.0.0.1', resolve));

const key = { tenant: 'org-1', user: 'user-1', provider: 'microsoft' };
const place: Place = {
  firestore: firestore.address,
  kms: { address: kms.address, keyName: kms.keyName },
  metadata: `127.0.0.1:${(metadata.address() as AddressInfo).port}`,
  project: 'local-project',
  key,
  documentId: connectionPlace(key)[1],
  aad: 'a place',
};
/** As on Google Cloud: nobody has to look for the project; a metadata server only for those who are measured by it. */
const environmentOf = (way: string) => ({
  ...process.env,
  GOOGLE_CLOUD_PROJECT: place.project,
  FIRESTORE_EMULATOR_HOST: firestore.address,
  GCE_METADATA_HOST: place.metadata,
  METADATA_SERVER_DETECTION: way.startsWith('token') ? 'assume-present' : 'none',
});
await prepare();
const script = join(asJavaScript('functions', 'tools/client-cost'), 'tools/client-cost/run.js');

const results = new Map(Object.keys(WAYS).map((name): [string, Figures[]] => [name, []]));
for (let turn = 1; turn <= TURNS; turn++) {
  process.stderr.write(`turn ${turn} of ${TURNS}\n`);
  for (const [name, figures] of results) {
    const args = [script, name, JSON.stringify(place)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: environmentOf(name) });
    figures.push(JSON.parse(stdout));
  }
}
print();
process.exit();

/** Taking the types away while a process starts would cost more than what is measured. @returns the folder of the copy */
function asJavaScript(...folders: string[]): string {
  const root = new URL('..', import.meta.url).pathname;
  const copy = join(root, 'node_modules/.cache/client-cost');
  rmSync(copy, { recursive: true, force: true });
  for (const folder of folders) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/(?<!\.d)\.ts$/.test(file)) continue;
      const code = stripTypeScriptTypes(readFileSync(join(root, folder, file), 'utf8'), { mode: 'strip' });
      const target = join(copy, folder, file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, code.replaceAll(/'(\.[^']*)\.ts'/g, "'$1.js'"));
    }
  }
  writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
  return copy;
}

/** A connection whose data key the key service has wrapped. */
async function prepare(): Promise<void> {
  const client = await openKms({ kmsEmulator: kms.address });
  const wrapped = await kmsKeys(client, kms.keyName).wrap(Buffer.alloc(32, 7), Buffer.from(place.aad));
  const sealed = { ...wrapped, ciphertext: Buffer.alloc(1_500, 1) };
  process.env.FIRESTORE_EMULATOR_HOST = firestore.address;
  const database = new Firestore({ projectId: place.project });
  const connection = { generation: 'life', revision: 1, sealed, scopes: ['a'], account: 'account', attempt: 'one' };
  await database.doc(connectionPlace(key).join('/')).set(toClient(documentOf(key, connection)));
  await database.terminate();
  await client.close();
}

function print(): void {
  console.log(`Node ${process.version}, ${cpus().length} cores, median of ${TURNS} [least-most]\n`);
  console.log(`| way | ${COLUMNS.map(([, title]) => title).join(' | ')} |\n| --- |${' --- |'.repeat(COLUMNS.length)}`);
  for (const [name, figures] of results) {
    const cells = COLUMNS.map(([column]) => {
      const values = figures.map((each) => each[column]).sort((a, b) => a - b);
      const digits = column === 'cpu' ? 2 : 0;
      const [least = 0, middle = 0, most = 0] = [values[0], values[Math.floor(values.length / 2)], values.at(-1)];
      return `${middle.toFixed(digits)} [${least.toFixed(digits)}-${most.toFixed(digits)}]`;
    });
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}
