/** The lane itself (`npm run foreign`), where there is no foreign server: it says so, and that is no failure. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { signInAndConsent } from './browser.ts';
import { runCases } from './lane.ts';

const empty = mkdtempSync(join(tmpdir(), 'foreign-'));
afterAll(() => rmSync(empty, { recursive: true }));

const run = (environment: Readonly<Record<string, string>>, ...more: readonly string[]) => {
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--no-warnings', 'test/foreign/main.ts', '--quick', ...more],
    {
      encoding: 'utf8',
      timeout: 50_000,
      env: { HOME: empty, MAVEN_REPOSITORY: empty, GOBIN: empty, GOPATH: empty, ...environment },
    },
  );
  return { status, stdout };
};

test('without Java the skip names Java', () => {
  const { status, stdout } = run({ PATH: empty });
  expect(stdout).toMatch(/^SKIPPED Keycloak .*: Java 17 or newer is not on the PATH: install it/m);
  expect(stdout).toMatch(/^foreign: 0 passed, 0 failed, \d skipped$/m);
  expect(status).toBe(0);
});

test('a distribution that mvn cannot fetch is skipped, with the reason', () => {
  const bin = join(empty, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'java'), '#!/bin/sh\necho \'openjdk version "21.0.1"\' >&2\n', { mode: 0o755 });
  writeFileSync(join(bin, 'mvn'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const { status, stdout } = run({ PATH: bin }, '--fetch');
  expect(stdout).toMatch(/^SKIPPED Keycloak .*: mvn could not get org\.keycloak:keycloak-quarkus-dist:/m);
  expect(stdout).toMatch(/^foreign: 0 passed, 0 failed, 1 skipped$/m);
  expect(status).toBe(0);
});

test('a distribution that is named and is not there fails: somebody wanted it to run', () => {
  const { status, stdout } = run({ PATH: process.env.PATH ?? '', KEYCLOAK_ZIP: join(empty, 'no.zip') });
  expect(stdout).toMatch(/^(FAILED Keycloak .*: KEYCLOAK_ZIP names no file|SKIPPED Keycloak .*: Java)/m);
  if (stdout.startsWith('FAILED')) expect(status).toBe(1);
});

test('a case that throws, and one that hangs, are told, and the others run', async () => {
  const told: string[] = [];
  const cases = [
    { name: 'throws', run: () => Promise.reject(new Error('what was wrong')) },
    { name: 'hangs', deadline: 50, run: () => new Promise<never>(() => {}) },
    { name: 'is good', run: async () => ({ tokens: 2 }) },
  ];
  const outcomes = await runCases({}, cases, (line) => told.push(line), new AbortController().signal);
  expect(outcomes.map(({ failure }) => failure)).toEqual(['what was wrong', 'took more than 0.05 s', undefined]);
  expect(told[2]).toMatch(/^3\/3 is good: ok, tokens 2 \(\d+ ms\)$/);
});

test.each([
  { deny: false, redirected: 'http://127.0.0.1:1/cb?code=1' },
  { deny: true, redirected: 'http://127.0.0.1:1/cb?error=access_denied' },
])('a person signs in by a form and decides by another: deny $deny', async ({ deny, redirected }) => {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const page = (html: string) => res.writeHead(200, { 'content-type': 'text/html' }).end(html);
      if (req.url === '/auth') {
        page(`<form method="post"
          action="/login?a=1&amp;b=2"><input name="username"/><input type="password" name="password"></form>`);
      } else if (req.url === '/login?a=1&b=2' && form.get('username') === 'p' && form.get('password') === 'w') {
        page(`<form action="/decide"><input type="hidden" name="code" value="c">
          <input type="submit" name="accept" value="Yes"><input type="submit" name="cancel" value="No"></form>`);
      } else if (req.url === '/decide' && form.get('code') === 'c') {
        const to = form.has('accept') ? 'code=1' : 'error=access_denied';
        res.writeHead(302, { location: `http://127.0.0.1:1/cb?${to}` }).end();
      } else res.writeHead(400).end('<p>an error page</p>');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const person = { username: 'p', password: 'w' };
    expect(await signInAndConsent(`http://127.0.0.1:${port}/auth`, person, { deny })).toBe(redirected);
    const wrong = { ...person, password: 'another' };
    await expect(signInAndConsent(`http://127.0.0.1:${port}/auth`, wrong)).rejects.toThrow(/status 400.*an error page/);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
