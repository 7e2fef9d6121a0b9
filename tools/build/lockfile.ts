/** The part of package-lock.json that one package needs: `npm ci` then installs what was tested here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './bundle.ts';

interface Locked {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [member: string]: unknown;
}
type Packages = Readonly<Record<string, Locked>>;

/** Where Node finds `name` from the package at `place`: in its own node_modules, else in those around it. */
const resolve = (packages: Packages, place: string, name: string): string => {
  for (let around = place; ; around = around.slice(0, around.lastIndexOf('node_modules/')).replace(/\/$/, '')) {
    const candidate = join(around, 'node_modules', name);
    if (candidate in packages) return candidate;
    if (around === '') throw new Error(`${name} is not in package-lock.json`);
  }
};

/** @returns the text of a package-lock.json (version 3) for a package that depends on `dependency` alone */
export const lockfileOf = (name: string, dependency: string, engines: Readonly<Record<string, string>>): string => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Packages };
  const needed = new Map<string, Locked>();
  const add = (place: string): void => {
    const locked = packages[place];
    if (!locked || needed.has(place)) return;
    needed.set(place, locked);
    for (const each of Object.keys(locked.dependencies ?? {})) add(resolve(packages, place, each));
  };
  const root = join('node_modules', dependency);
  add(root);
  const places = [...needed].sort(([one], [other]) => (one < other ? -1 : 1));
  const version = needed.get(root)?.version ?? '';
  return `${JSON.stringify(
    {
      name,
      lockfileVersion: 3,
      requires: true,
      packages: { '': { name, dependencies: { [dependency]: version }, engines }, ...Object.fromEntries(places) },
    },
    undefined,
    2,
  )}\n`;
};
