import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { configurationDoc } from '../tools/configuration-doc.ts';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

test('docs/configuration.md is current (npm run generate)', () => {
  expect(read('docs/configuration.md')).toBe(configurationDoc());
});

test('every dependency is argued for, and pinned', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const argued = read('docs/dependencies.md');
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect(argued).toContain(name);
    expect(version).toMatch(/^(npm:\w+@)?\d+\.\d+\.\d+$/);
  }
});

test('the links of the README lead somewhere', () => {
  for (const [, link = ''] of read('README.md').matchAll(/\]\((?!http)([^)#]+)\)/g)) {
    expect(() => readFileSync(new URL(`../${link}`, import.meta.url))).not.toThrow(/ENOENT/);
  }
});
