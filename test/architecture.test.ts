/** The walk of a request is one-way: who may import whom. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { needs as account } from '../functions/account/config.ts';
import { needs as admin } from '../functions/admin/config.ts';
import { needs as answers } from '../functions/answers/config.ts';
import { needs as authorize } from '../functions/authorize/config.ts';
import { needs as callback } from '../functions/callback/config.ts';
import { needs as complete } from '../functions/complete/config.ts';
import { needs as connections } from '../functions/connections/config.ts';
import { needs as directory } from '../functions/directory/config.ts';
import { needs as directoryAdmin } from '../functions/directory-admin/config.ts';
import { needs as directorySync } from '../functions/directory-sync/config.ts';
import { needs as documents } from '../functions/documents/config.ts';
import { routes } from '../functions/http/generated/routes.ts';
import { needs as jwks } from '../functions/jwks/config.ts';
import { needs as offer } from '../functions/offer/config.ts';
import { needs as probe } from '../functions/probe/config.ts';
import { needs as revoke } from '../functions/revoke/config.ts';
import { needs as rewrap } from '../functions/rewrap/config.ts';
import { needs as session } from '../functions/session/config.ts';
import { needs as signin } from '../functions/signin/config.ts';
import { needs as sweep } from '../functions/sweep/config.ts';
import { needs as token } from '../functions/token/config.ts';

const ROOT = new URL('..', import.meta.url).pathname;
const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[jt]s$/.test(file) && !file.includes('generated'))
    .map((file) => join(folder, file));

/** What a file imports, as paths from the root or package names. */
const importsOf = (file: string): string[] => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/(?:from|import\(|^import) ?'([^']+)'/gm)].map(([, name = '']) =>
    name.startsWith('.') ? relative(ROOT, join(ROOT, dirname(file), name)) : name,
  );
};
const outside = (folder: string, allowed: RegExp) =>
  filesIn(folder).flatMap((file) =>
    importsOf(file)
      .filter((name) => !allowed.test(name))
      .map((name) => `${file} -> ${name}`),
  );

const FUNCTIONS = {
  account,
  admin,
  answers,
  authorize,
  callback,
  complete,
  connections,
  directory,
  'directory-admin': directoryAdmin,
  'directory-sync': directorySync,
  documents,
  jwks,
  offer,
  probe,
  revoke,
  rewrap,
  session,
  signin,
  sweep,
  token,
};

test('the core imports nothing outside itself but Node and what the SDK shares with it', () => {
  expect(outside('functions/core', /^(functions\/core\/|shared\/|node:)/)).toEqual([]);
});

test('what functions and SDK share imports nothing', () => {
  expect(filesIn('shared')).not.toEqual([]);
  expect(outside('shared', /^$/)).toEqual([]);
});

test('the SDK imports itself, what is shared, its pages, and of the functions the types of the contract', () => {
  const allowed = /^(client\/src|shared|web)\/|^functions\/http\/generated\/types\.ts$/;
  expect(outside('client/src', allowed).filter((each) => / -> [\w.-]+\//.test(each))).toEqual([]);
});

test('adapters import the core and what is shared, never a function, HTTP or the configuration', () => {
  expect(
    outside(
      'functions/adapters',
      /^(functions\/(core|adapters)\/|shared\/|node:|@google-cloud\/|@googleapis\/admin$|@google\/genai$|@azure\/msal-node$|@grpc\/grpc-js$|jose$|google-auth-library$|oauth4webapi$)/,
    ),
  ).toEqual([]);
});

test.each([
  ['google', ['google-auth-library']],
  ['microsoft', ['@azure/msal-node']],
  ['oidc', ['oauth4webapi']],
  ['firestore', ['@google-cloud/firestore']],
  ['directory', ['@googleapis/admin']],
])('the %s adapter loads one SDK, and no other adapter', (folder, packages) => {
  const imported = new Set(filesIn(`functions/adapters/${folder}`).flatMap(importsOf));
  const foreign = [...imported].filter(
    (name) => /^functions\/adapters\/\w+\//.test(name) && !name.startsWith(`functions/adapters/${folder}/`),
  );
  expect(foreign).toEqual([]);
  expect([...imported].filter((name) => !/^(functions\/|shared\/|node:)/.test(name))).toEqual(packages);
});

test('only the configuration, and the entries that hand it over, read the environment', () => {
  const reading = filesIn('functions').filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('process.env'));
  expect(reading.filter((file) => !/^functions\/[\w-]+\/index\.ts$/.test(file))).toEqual([]);
});

describe('each function', () => {
  test('stands in the contract, and the other way round', () => {
    expect(new Set(Object.values(routes).map((route) => route.function))).toEqual(new Set(Object.keys(FUNCTIONS)));
  });

  test.each(Object.keys(FUNCTIONS))('%s imports its own folder, never another function', (name) => {
    const rooms = /^functions\/(core|adapters|http|config|providers)\//;
    const own = new RegExp(`^functions/${name}/`);
    const imported = filesIn(`functions/${name}`).flatMap(importsOf);
    expect(imported.filter((each) => !rooms.test(each) && !own.test(each))).toEqual([]);
  });

  test('callback holds no privilege and no secret, and loads no SDK of a cloud service or a provider', () => {
    expect(callback.privileges).toEqual([]);
    expect(callback.clientSecrets).toBe(false);
    expect(Object.values(callback.settings).filter((setting) => 'secret' in setting)).toEqual([]);
    const reached = new Set<string>();
    const follow = (file: string) => {
      if (reached.has(file)) return;
      reached.add(file);
      // Types leave no trace in what runs.
      const text = readFileSync(join(ROOT, file), 'utf8').replace(/^import type [^;]*;/gm, '');
      for (const [, name = ''] of text.matchAll(/(?:from|import\() ?'([^']+)'/g)) {
        if (name.startsWith('.')) follow(relative(ROOT, join(ROOT, dirname(file), name)));
        else reached.add(name);
      }
    };
    follow('functions/callback/index.ts');
    expect([...reached].filter((name) => /firestore|kms|msal|google-auth|oauth4webapi/.test(name))).toEqual([]);
    const foreign = [...reached].filter((name) => !/^(functions\/|shared\/|node:)/.test(name));
    expect(foreign).toEqual(['jose']);
  });

  const holding = (privilege: string) =>
    Object.entries(FUNCTIONS)
      .filter(([, { privileges }]) => (privileges as readonly string[]).includes(privilege))
      .map(([name]) => name);

  test('those of the directory do not reach the tokens, and only one can impersonate', () => {
    for (const { settings, privileges } of [directory, directoryAdmin, directorySync]) {
      const variables = Object.values(settings).map(({ variable }) => variable);
      expect(variables).toContain('DIRECTORY_DATABASE');
      expect(variables).not.toContain('FIRESTORE_DATABASE');
      expect(privileges.filter((each) => /^(firestore|kms)\./.test(each))).toEqual([]);
    }
    const impersonating = Object.entries(FUNCTIONS).filter(([, { privileges }]) =>
      (privileges as readonly string[]).includes('iam.sign_as_itself'),
    );
    expect(impersonating.map(([name]) => name)).toEqual(['directory-sync']);
    expect(directory.privileges).toEqual(['directory.read']);
  });

  test('only one asks the model, and none of Search AI can decrypt a token or holds a secret', () => {
    expect(holding('model.predict')).toEqual(['answers']);
    expect(holding('answers.write')).toEqual(['account', 'answers', 'documents', 'sweep']);
    for (const { settings, privileges, clientSecrets } of [answers, documents]) {
      expect(privileges.filter((each) => /^(kms\.|firestore\.write)/.test(each))).toEqual([]);
      expect(clientSecrets).toBe(false);
      expect(Object.values(settings).filter((setting) => 'secret' in setting)).toEqual([]);
    }
  });

  test('only the functions that use or revoke a stored token can decrypt one, only the one that stores can encrypt, one re-wraps', () => {
    expect(holding('kms.decrypt')).toEqual(['account', 'complete', 'revoke', 'rewrap', 'sweep', 'token']);
    expect(holding('kms.encrypt')).toEqual(['complete', 'rewrap']);
  });

  test('what re-wraps data keys opens no token, and what probes holds nothing', () => {
    for (const { clientSecrets, settings } of [rewrap, probe]) {
      expect(clientSecrets).toBe(false);
      expect(Object.values(settings).filter((setting) => 'secret' in setting)).toEqual([]);
    }
    expect(probe.privileges).toEqual([]);
    expect(Object.values(rewrap.settings).map(({ variable }) => variable)).not.toContain('PROVIDERS');
    const core = readFileSync(join(ROOT, 'functions/core/rewrap.ts'), 'utf8');
    expect(core).toContain("import { dataKeyPlace, newDataKey } from './envelope.ts';");
    expect(core).not.toContain('ciphertext');
  });

  test('what signs sessions holds no secret, and what signs users in cannot sign', () => {
    expect(holding('kms.sign')).toEqual(['session']);
    expect(session.clientSecrets).toBe(false);
    expect(Object.values(session.settings).filter((setting) => 'secret' in setting)).toEqual([]);
    expect(holding('sign-in.write')).toEqual(['account', 'session', 'signin']);
    expect(jwks.privileges).toEqual(['kms.publicKeys']);
  });
});
