/** `npm run measure:operations`: writes tools/cost/operations.json, of which `npm run generate` makes docs/cost.md. */
import { writeFile } from 'node:fs/promises';
import { measure } from './measure.ts';

const measured = await measure();
await writeFile(new URL('../../tools/cost/operations.json', import.meta.url), `${JSON.stringify(measured, null, 2)}\n`);
console.table(measured);
