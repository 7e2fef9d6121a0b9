/** Finds a Keycloak distribution on this machine, and unpacks it; nothing of it is part of this repository. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The newest first. Each is started where its distribution is there. */
export const VERSIONS = ['26.7.3', '26.0.7'] as const;

export interface Distribution {
  readonly version: string;
  /** A zip, or a folder with `bin/kc.sh` in it. */
  readonly path: string;
}

export interface Missing {
  readonly missing: string;
}

const JAVA = 17;
const FETCH_MS = 240_000;

export const coordinatesOf = (version: string): string => `org.keycloak:keycloak-quarkus-dist:${version}:zip`;

/** @returns why Java cannot be used here, or undefined */
export const javaMissing = (): string | undefined => {
  const { stderr, error } = spawnSync('java', ['-version'], { encoding: 'utf8', timeout: 20_000 });
  if (error)
    return `Java ${JAVA} or newer is not on the PATH: install it (for example the package openjdk-17-jre-headless)`;
  const version = Number(/version "(\d+)/.exec(stderr)?.[1]);
  return version >= JAVA ? undefined : `Java is version ${version || 'unknown'}, and Keycloak needs ${JAVA} or newer`;
};

const inMavenRepository = (version: string): string =>
  join(
    process.env.MAVEN_REPOSITORY ?? join(homedir(), '.m2', 'repository'),
    'org/keycloak/keycloak-quarkus-dist',
    version,
    `keycloak-quarkus-dist-${version}.zip`,
  );

/** `KEYCLOAK_HOME` or `KEYCLOAK_ZIP`, whatever its version; else the local Maven repository. */
export const findDistribution = (version: string): Distribution | Missing => {
  const { KEYCLOAK_HOME, KEYCLOAK_ZIP } = process.env;
  if (KEYCLOAK_HOME) {
    if (existsSync(join(KEYCLOAK_HOME, 'bin/kc.sh'))) return { version: 'KEYCLOAK_HOME', path: KEYCLOAK_HOME };
    return { missing: 'KEYCLOAK_HOME has no bin/kc.sh' };
  }
  if (KEYCLOAK_ZIP) {
    return existsSync(KEYCLOAK_ZIP)
      ? { version: 'KEYCLOAK_ZIP', path: KEYCLOAK_ZIP }
      : { missing: 'KEYCLOAK_ZIP names no file' };
  }
  const path = inMavenRepository(version);
  if (existsSync(path)) return { version, path };
  return {
    missing:
      `its distribution is not here. From Maven Central, ${coordinatesOf(version)}: run ` +
      '`npm run foreign -- --fetch` where mvn is installed, or set KEYCLOAK_ZIP to the file',
  };
};

/** Downloads it into the local Maven repository, once, in bounded time. @returns why it did not come, or undefined */
export const fetchDistribution = (version: string): string | undefined => {
  if (process.env.KEYCLOAK_HOME || process.env.KEYCLOAK_ZIP || existsSync(inMavenRepository(version))) return undefined;
  const artifact = `-Dartifact=${coordinatesOf(version)}`;
  const { status, error } = spawnSync('mvn', ['-q', '-B', 'dependency:get', artifact, '-Dtransitive=false'], {
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: FETCH_MS,
    killSignal: 'SIGKILL',
  });
  if (error && 'code' in error && error.code === 'ENOENT') return 'mvn is not installed';
  return status === 0 ? undefined : `mvn could not get ${coordinatesOf(version)} within ${FETCH_MS / 1000} s`;
};

/** Into an empty folder. @returns the folder that has `bin/kc.sh`. Throws where nothing here can unpack. */
export const unpack = ({ path }: Distribution, into: string): string => {
  if (!path.endsWith('.zip')) {
    // A start changes the files of its distribution.
    const home = join(into, 'keycloak');
    cpSync(path, home, { recursive: true });
    return home;
  }
  const options = { cwd: into, stdio: 'ignore', timeout: 120_000 } as const;
  try {
    execFileSync('unzip', ['-q', path], options);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    execFileSync('jar', ['xf', path], options);
  }
  const [folder] = readdirSync(into);
  if (folder === undefined) throw new Error('The distribution is empty.');
  return join(into, folder);
};
