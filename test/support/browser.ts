/** A Chromium for tests: unpacked from npm on Linux x64, the one at CHROME_PATH elsewhere. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    const browser = await chromium.launch({
      executablePath,
      args: FLAGS,
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
