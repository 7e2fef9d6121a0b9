/** A Chromium for tests: unpacked from npm on Linux x64, the one at CHROME_PATH elsewhere. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

/** Why there is no browser on this machine; `undefined` where there is one. */
export const whyNoBrowser = (): string | undefined => {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH || (process.platform === 'linux' && process.arch === 'x64')) return undefined;
  return `${process.platform} ${process.arch} has no Chromium from npm: set CHROME_PATH to run these tests`;
};

/** Loopback is all that it may ask for. */
const FLAGS = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-proxy-server',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

/**
 * What Playwright switches off, and people have: two sites share no storage, Back restores a page, tabs are throttled. The
 * Chromium from npm is a headless shell: it has no popup blocker and no cache of Back. A whole Chrome at CHROME_PATH has both.
 */
const SWITCHES = [
  '--disable-popup-blocking',
  '--disable-back-forward-cache',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--allow-pre-commit-input',
];
const FEATURES = ['ThirdPartyStoragePartitioning', 'PaintHolding', 'AvoidUnnecessaryBeforeUnloadCheckSync'];

/**
 * Playwright leaves out a default switch that is named to the letter, with its whole value. So the features are read from
 * the installed version. Throws where it has another list, or lacks a switch that is meant to be left out.
 */
export const withoutPlaywrightsOwn = async (): Promise<{ ignoreDefaultArgs: string[]; args: string[] }> => {
  const folder = dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'));
  const bundle = await readFile(join(folder, 'lib/coreBundle.js'), 'utf8');
  const list = /\bdisabledFeatures = \[(.*?)\n\s*\]\.filter\(Boolean\)/s.exec(bundle)?.[1] ?? '';
  const features = [...list.replace(/^\s*\/\/.*$/gm, '').matchAll(/"(\w+)"/g)].map(([, name = '']) => name);
  const absent = [
    ...FEATURES.filter((each) => !features.includes(each)),
    ...SWITCHES.filter((each) => !bundle.includes(`"${each}",`)),
  ];
  if (absent[0]) throw new Error(`This version of Playwright does not have ${absent}: adapt test/support/browser.ts.`);
  const disable = (names: readonly string[]) => `--disable-features=${names}`;
  return {
    ignoreDefaultArgs: [...SWITCHES, disable(features)],
    args: [disable(features.filter((each) => !FEATURES.includes(each)))],
  };
};

interface Unpacked {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

const UNPACK = `
  const { default: chromium } = await import('@sparticuz/chromium');
  chromium.setGraphicsMode = false;
  console.log(await chromium.executablePath());
`;

/** The package's own names folders of a cloud function. */
const fontsConfiguration = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/fonts-cache</cachedir></fontconfig>
`;

/**
 * Unpacks into `folder`. In a process of its own, because the package takes its folders from the environment as it is
 * loaded, and adds to it. The runtime's name makes it unpack the libraries that a bare machine lacks.
 */
const unpack = async (folder: string): Promise<Unpacked> => {
  const { PATH = '' } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', UNPACK], {
    cwd: new URL('.', import.meta.url),
    env: { PATH, HOME: folder, TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' },
  });
  const fonts = join(folder, 'fonts.conf');
  await writeFile(fonts, fontsConfiguration(folder));
  return {
    executablePath: stdout.trim(),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: fonts },
  };
};

export interface TestBrowser {
  readonly browser: Browser;
  close(): Promise<void>;
}

/** Not before `whyNoBrowser` found no reason. */
export const launchBrowser = async (): Promise<TestBrowser> => {
  const folder = await mkdtemp(join(tmpdir(), 'token-broker-browser-'));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    const { CHROME_PATH, PATH = '' } = process.env;
    const { executablePath, env } = CHROME_PATH ? { executablePath: CHROME_PATH, env: {} } : await unpack(folder);
    const { ignoreDefaultArgs, args } = await withoutPlaywrightsOwn();
    const browser = await chromium.launch({
      executablePath,
      args: [...FLAGS, ...args],
      ignoreDefaultArgs,
      env: { PATH, HOME: folder, TMPDIR: folder, ...env },
    });
    return {
      browser,
      close: async () => {
        await browser.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
};
