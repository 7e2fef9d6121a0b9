/** What the providers' adapters load: a function that only builds URLs or revokes must not pay for an SDK. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const ADAPTERS = new URL('../../functions/adapters/', import.meta.url);

/** Packages that a module reaches, itself or by its own imports; types are no imports. */
const packagesOf = (file: URL, seen = new Set<string>()): Set<string> => {
  const packages = new Set<string>();
  if (seen.has(file.href)) return packages;
  seen.add(file.href);
  const code = readFileSync(file, 'utf8').replace(/^import type [^;]*;/gms, '');
  for (const [, from, dynamic] of code.matchAll(/^(?:import|export) [^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gms)) {
    const specifier = from ?? dynamic ?? '';
    if (specifier.startsWith('.')) for (const name of packagesOf(new URL(specifier, file), seen)) packages.add(name);
    else if (!specifier.startsWith('node:')) packages.add(specifier);
  }
  return packages;
};

test.each([
  ['http-client.ts', []],
  ['firestore/rest/connections.ts', []],
  ['firestore/rest/policies.ts', []],
  ['kms-rest.ts', []],
  ['microsoft/authorization.ts', []],
  ['google/authorization.ts', []],
  ['google/revocation.ts', []],
  ['microsoft/tokens.ts', ['@azure/msal-node']],
  ['google/tokens.ts', ['google-auth-library']],
  ['directory/source.ts', ['@googleapis/admin']],
  ['google/delegation.ts', []],
  ['kms-signer.ts', ['@google-cloud/kms', '@grpc/grpc-js']],
  ['oidc/authorization.ts', ['oauth4webapi']],
  ['oidc/tokens.ts', ['oauth4webapi']],
  ['oidc/revocation.ts', ['oauth4webapi']],
])('%s reaches the packages %j', (module, packages) => {
  expect([...packagesOf(new URL(module, ADAPTERS))]).toEqual(packages);
});

test.each(['microsoft/client.ts', 'google/client.ts', 'oidc/client.ts', 'oidc/discovery.ts', 'directory/source.ts'])(
  '%s loads its SDK with the first call only',
  (module) => {
    const code = readFileSync(new URL(module, ADAPTERS), 'utf8');
    expect(code).toMatch(/(await|=>) import\('/);
    expect(code).not.toMatch(/^import (?!type)[^;]*from '(?!\.|node:)/m);
  },
);
