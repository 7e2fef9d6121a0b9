/**
 * What terraform itself says, where it is installed: the format; and, where its providers can be had, that the configuration is
 * valid and infra/tests pass. Providers: a folder made by `terraform providers mirror` (INFRA_PROVIDERS), or what
 * TF_CLI_CONFIG_FILE names. Nothing is downloaded here.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { builtFunctions } from '../support/built.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const { INFRA_PROVIDERS: mirror, TF_CLI_CONFIG_FILE: ownConfig, PATH = '', HOME = '' } = process.env;

const terraform = (args: readonly string[], cwd: string, environment: Readonly<Record<string, string>> = {}) => {
  const { status, stdout, stderr } = spawnSync('terraform', args, {
    cwd,
    encoding: 'utf8',
    env: { PATH, HOME, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', ...environment },
    timeout: 600_000,
  });
  return { status, output: `${stdout}${stderr}` };
};

const installed = spawnSync('terraform', ['version'], { env: { PATH, HOME, CHECKPOINT_DISABLE: '1' } }).status === 0;
const whereProvidersAre = mirror ?? (ownConfig && existsSync(ownConfig) ? ownConfig : undefined);

const noTerraform = installed ? '' : ' (skipped: terraform is not installed)';
const noProviders = whereProvidersAre
  ? noTerraform
  : noTerraform || ' (skipped: no providers; INFRA_PROVIDERS names a folder made by `terraform providers mirror`)';

(noTerraform ? test.skip : test)(`the format is the usual one${noTerraform}`, () => {
  expect(terraform(['fmt', '-check', '-recursive', '-diff', 'infra'], ROOT)).toEqual({ status: 0, output: '' });
});

(noProviders ? describe.skip : describe)(`with its providers, terraform${noProviders}`, () => {
  const work = mkdtempSync(join(tmpdir(), 'infra-'));
  const infra = join(work, 'infra');
  let environment: Record<string, string>;
  beforeAll(async () => {
    // A copy: `init` writes beside the configuration.
    cpSync(join(ROOT, 'infra'), infra, { recursive: true });
    const indexes = 'functions/adapters/firestore/indexes.json';
    cpSync(join(ROOT, indexes), join(work, indexes));
    const config = join(work, 'terraformrc');
    writeFileSync(
      config,
      `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
    );
    environment = { TF_CLI_CONFIG_FILE: mirror === undefined ? String(ownConfig) : config };
    cpSync((await builtFunctions()).folder, join(work, 'dist'), { recursive: true });
    const { status, output } = terraform(['init', '-backend=false', '-input=false'], infra, environment);
    if (status !== 0) throw new Error(output);
  }, 600_000);
  afterAll(() => rmSync(work, { recursive: true }));

  test('finds the configuration valid', () => {
    const { status, output } = terraform(['validate', '-json'], infra, environment);
    expect(JSON.parse(output)).toMatchObject({ valid: true, diagnostics: [] });
    expect(status).toBe(0);
  }, 120_000);

  test('passes the tests of infra/tests', () => {
    const { status, output } = terraform(['test', '-no-color', `-var=build=${join(work, 'dist')}`], infra, environment);
    expect({ status, output }).toEqual({
      status: 0,
      output: expect.stringMatching(/Success! [1-9]\d* passed, 0 failed/),
    });
  }, 600_000);
});

test('no terraform state, plan, value or provider is in the repository', () => {
  const tracked = execFileSync('git', ['ls-files', 'infra'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
  expect(tracked.filter((file) => /tfstate|tfplan|\.terraform\/|auto\.tfvars|terraform-provider/.test(file))).toEqual(
    [],
  );
});
