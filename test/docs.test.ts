import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { withMeasured } from '../bench/document.ts';
import { configurationDoc } from '../tools/configuration-doc.ts';
import { costDoc } from '../tools/cost-doc.ts';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

test('docs/configuration.md is current (npm run generate)', () => {
  expect(read('docs/configuration.md')).toBe(configurationDoc());
});

test('docs/cost.md is current (npm run generate)', () => {
  expect(read('docs/cost.md')).toBe(costDoc());
});

test.each(['package.json', 'bench/peers/package.json'])('every dependency in %s is argued for, and pinned', (file) => {
  const { dependencies, devDependencies } = JSON.parse(read(file));
  const argued = read('docs/dependencies.md');
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect(argued).toContain(name);
    expect(version).toMatch(/^(npm:\w+@)?\d+\.\d+\.\d+(-[\w.]+)?$/);
  }
});

test.each([
  'README.md',
  ...readdirSync(new URL('../docs', import.meta.url))
    .filter((each) => each.endsWith('.md'))
    .map((each) => `docs/${each}`),
])('the links of %s lead somewhere', (file) => {
  for (const [, link = ''] of read(file).matchAll(/\]\((?!http)([^)#]+)\)/g)) {
    expect(() => readFileSync(new URL(link, new URL(`../${file}`, import.meta.url)))).not.toThrow(/ENOENT/);
  }
});

test("docs/performance.md has a place for the bench's figures", () => {
  expect(withMeasured(read('docs/performance.md'), 'new')).toContain('new');
});
