/** What is in each function's bundle: nothing that the function does not use. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Bundle, HOSTS, type HostName, sdksOf } from '../../tools/build/bundle.ts';
import { FUNCTIONS } from '../../tools/build/functions.ts';
import { builtFunctions } from '../support/built.ts';

let bundles: ReadonlyMap<string, Bundle>;
let sdks: ReadonlyMap<string, Bundle>;
beforeAll(async () => {
  ({ bundles, sdks } = await builtFunctions());
}, 240_000);

const bundleOf = (host: HostName, name: string): Bundle => {
  const bundle = bundles.get(`${host}/${name}`);
  if (!bundle) throw new Error(`${host}/${name} was not built`);
  return bundle;
};
/** `node_modules/@scope/name/…`, also below another package. */
const packageOf = (input: string): string | undefined => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];
const packagesIn = ({ inputs }: Bundle): string[] =>
  [...new Set(Object.keys(inputs).flatMap((input) => packageOf(input) ?? []))].sort();
const own = ({ inputs }: Bundle, folder: string): string[] =>
  Object.keys(inputs)
    .filter((input) => input.startsWith(`functions/${folder}/`))
    .map((input) => input.slice(`functions/${folder}/`.length))
    .sort();

const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  dependencies: Readonly<Record<string, string>>;
};

const OFFICIAL_DATABASE = ['@google-cloud/firestore', 'google-auth-library'];
const OFFICIAL_KEYS = ['@google-cloud/kms', '@grpc/grpc-js'];
const ALL_SDKS = ['@azure/msal-node', 'google-auth-library', 'oauth4webapi'];

/** Direct dependencies of this project in the bundle, and the SDKs that wait beside it in files of their own. */
const EXPECTED: Readonly<Record<string, { readonly holds: readonly string[]; readonly sdks: readonly string[] }>> = {
  callback: { holds: ['jose'], sdks: [] },
  authorize: { holds: ['jose'], sdks: ['oauth4webapi'] },
  token: { holds: ['jose'], sdks: ALL_SDKS },
  offer: { holds: ['jose'], sdks: ['oauth4webapi'] },
  complete: { holds: [...OFFICIAL_DATABASE, ...OFFICIAL_KEYS, 'jose'], sdks: ALL_SDKS },
  connections: { holds: [...OFFICIAL_DATABASE, '@grpc/grpc-js', 'jose'], sdks: [] },
  revoke: { holds: [...OFFICIAL_DATABASE, '@grpc/grpc-js', 'jose'], sdks: ['oauth4webapi'] },
  admin: { holds: [...OFFICIAL_DATABASE, '@grpc/grpc-js', 'jose'], sdks: [] },
  rewrap: { holds: [...OFFICIAL_DATABASE, ...OFFICIAL_KEYS, 'jose'], sdks: [] },
  probe: { holds: ['jose'], sdks: [] },
  sweep: { holds: [...OFFICIAL_DATABASE, '@grpc/grpc-js', 'jose'], sdks: ['oauth4webapi'] },
  account: { holds: [...OFFICIAL_DATABASE, '@grpc/grpc-js', 'jose'], sdks: ['oauth4webapi'] },
  signin: { holds: [...OFFICIAL_DATABASE, '@grpc/grpc-js', 'jose'], sdks: ['@azure/msal-node', 'google-auth-library'] },
  session: { holds: [...OFFICIAL_DATABASE, ...OFFICIAL_KEYS, 'jose'], sdks: [] },
  directory: { holds: [...OFFICIAL_DATABASE, '@grpc/grpc-js', 'jose'], sdks: [] },
  'directory-admin': { holds: [...OFFICIAL_DATABASE, '@grpc/grpc-js', 'jose'], sdks: [] },
  'directory-sync': { holds: [...OFFICIAL_DATABASE, '@grpc/grpc-js', 'jose'], sdks: ['@googleapis/admin'] },
  answers: { holds: [...OFFICIAL_DATABASE, '@grpc/grpc-js', 'jose'], sdks: ['@google/genai', 'google-auth-library'] },
  documents: { holds: [...OFFICIAL_DATABASE, '@grpc/grpc-js', 'jose'], sdks: [] },
  jwks: { holds: [...OFFICIAL_KEYS, 'google-auth-library'], sdks: [] },
};

test('every function stands in this table', () => {
  expect(Object.keys(EXPECTED).sort()).toEqual([...FUNCTIONS].sort());
});

describe.each(HOSTS)('for the %s', (host) => {
  test.each(Object.entries(EXPECTED))('%s holds its dependencies and no other', (name, { holds, sdks: beside }) => {
    const bundle = bundleOf(host, name);
    expect(packagesIn(bundle).filter((each) => each in dependencies)).toEqual([...holds].sort());
    expect(sdksOf(bundle).sort()).toEqual(beside);
  });

  test.each(['callback', 'authorize', 'offer', 'token'])('%s holds no other package at all', (name) => {
    expect(packagesIn(bundleOf(host, name))).toEqual(['jose']);
  });

  test('callback holds one adapter: it reaches nothing over the network', () => {
    expect(own(bundleOf(host, 'callback'), 'adapters')).toEqual(['flow-tokens.ts']);
    expect(bundleOf(host, 'callback').code).not.toMatch(/require\("(node:)?(https|tls|dns)"\)/);
  });

  test('authorize, offer and token hold the lean clients, not the official ones', () => {
    const official = (name: string) =>
      own(bundleOf(host, name), 'adapters').filter((each) =>
        /^firestore\/(?!rest\/|documents\.ts$|failures\.ts$)|^kms-client\.ts$/.test(each),
      );
    for (const name of ['authorize', 'offer', 'token']) expect(official(name)).toEqual([]);
    // What is looked for can be found.
    expect(official('complete')).toEqual(expect.arrayContaining(['firestore/client.ts', 'kms-client.ts']));
    expect(own(bundleOf(host, 'authorize'), 'adapters').filter((each) => each.startsWith('kms'))).toEqual([]);
  });

  test('the own server is where it serves, and nowhere else', () => {
    for (const name of FUNCTIONS) {
      expect(own(bundleOf(host, name), 'http').includes('server.ts')).toBe(host === 'server');
    }
  });
});

test('an SDK comes without what only it would use to send requests', () => {
  const google = sdks.get('google-auth-library');
  expect(google && packagesIn(google)).not.toContain('node-fetch');
  expect(google?.code.length).toBeLessThan(100_000);
});
