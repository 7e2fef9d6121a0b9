/** The rehearsal (`npm run rehearse`): the built functions, each as a process, behind the URL map that terraform makes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from '../../tools/build.ts';
import { type Deployment, startDeployment } from './deployment.ts';
import { rehearse } from './rehearse.ts';

const out = mkdtempSync(join(tmpdir(), 'rehearse-'));
let deployment: Deployment;
beforeAll(async () => {
  await build(out);
  deployment = await startDeployment(out);
  // Sixteen processes start; most of the time where two cores have other work, too.
}, 300_000);
afterAll(async () => {
  await deployment?.stop();
  rmSync(out, { recursive: true });
}, 60_000);

test('the main job, from consent to the deleted account', async () => {
  const outcomes = await rehearse(deployment);
  expect(outcomes.filter(({ failure }) => failure !== undefined)).toEqual([]);
}, 300_000);

test('S43 no function has printed a code, and the one that sees codes holds nothing', () => {
  const callback = deployment.functions.get('callback');
  expect(callback?.output()).not.toMatch(/code=/);
  const held = Object.keys(callback?.environment ?? {}).filter((name) =>
    /SECRET|PRIVATE|SIGNING|KMS|FIRESTORE|HASH/.test(name),
  );
  expect(held).toEqual([]);
});
