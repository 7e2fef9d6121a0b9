/**
 * What several test files need and takes long to make: made once for all workers and runs, and kept in the folder for
 * temporary files. Outside of the project, so that nothing in it finds the project's node_modules. The key names the
 * content: changed sources make another folder.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { uid } = userInfo();
const KEPT = join(tmpdir(), `token-broker-kept-${uid}`);
/** Milliseconds: folders of one name that nobody has used for so long are removed. */
const UNUSED_MS = 24 * 3_600_000;
/** Milliseconds: how long one worker waits for another one to make the folder. */
const PATIENCE_MS = 300_000;

/** SHA-256 over the names and contents of files; folders are read with everything in them. @param paths from the root */
export const hashOf = async (paths: readonly string[]): Promise<string> => {
  const hash = createHash('sha256').update(process.version);
  const add = async (path: string): Promise<void> => {
    const place = join(ROOT, path);
    if ((await stat(place)).isDirectory()) {
      for (const name of (await readdir(place)).sort()) await add(join(path, name));
    } else hash.update(`\0${path}\0`).update(await readFile(place));
  };
  for (const path of paths) await add(path);
  return hash.digest('hex').slice(0, 16);
};

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Takes the lock, unless a process that lives has it. */
const takes = async (lock: string): Promise<boolean> => {
  try {
    const file = await open(lock, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = Number(await readFile(lock, 'utf8').catch(() => '0'));
    // Empty: its holder is about to write its id.
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
    return false;
  }
};

/** Removes what was kept for older contents. */
const prune = async (name: string, current: string): Promise<void> => {
  for (const each of await readdir(KEPT)) {
    const place = join(KEPT, each);
    if (!each.startsWith(`${name}-`) || place === current || each.endsWith('.lock')) continue;
    const { mtimeMs } = await stat(place).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > UNUSED_MS) await rm(place, { recursive: true, force: true });
  }
};

/**
 * @param make fills an empty folder; what fails leaves nothing behind
 * @returns the folder: read it only, others read it at the same time
 */
export const kept = async (name: string, key: string, make: (folder: string) => Promise<void>): Promise<string> => {
  const place = join(KEPT, `${name}-${key}`);
  const lock = `${place}.lock`;
  await mkdir(KEPT, { recursive: true, mode: 0o700 });
  if (uid >= 0 && (await stat(KEPT)).uid !== uid) throw new Error(`${KEPT} belongs to another user. Remove it.`);
  for (const until = Date.now() + PATIENCE_MS; !(await exists(place)); await sleep(50)) {
    if (await takes(lock)) {
      try {
        if (!(await exists(place))) {
          const unfinished = `${place}.${randomUUID()}`;
          try {
            await mkdir(unfinished);
            await make(unfinished);
            await rename(unfinished, place);
          } finally {
            await rm(unfinished, { recursive: true, force: true });
          }
          await prune(name, place);
        }
      } finally {
        await rm(lock, { force: true });
      }
    } else if (Date.now() > until) {
      throw new Error(
        `${name}: another process has made it for ${PATIENCE_MS / 1000} s. Remove ${lock} and try again.`,
      );
    }
  }
  const now = new Date();
  await utimes(place, now, now);
  return place;
};
