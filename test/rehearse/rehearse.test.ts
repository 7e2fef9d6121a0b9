/** The rehearsal (`npm run rehearse`): the built functions, each as a process, behind the URL map that terraform makes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { builtFunctions } from '../support/built.ts';
import { type Deployment, startDeployment } from './deployment.ts';
import { rehearse } from './rehearse.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment((await builtFunctions()).folder);
  // Sixteen processes start; most of the time where two cores have other work, too.
}, 300_000);
afterAll(async () => {
  await deployment?.stop();
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
