/** Finds the npm that runs this process through a shell: a shell outlives an npm that was killed, and tells nobody. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

interface Looked {
  readonly parent: number;
  readonly command: string;
}

/** By /proc where it is there, else by `ps`. Throws where neither is, or the process is gone. */
const look = (pid: number): Looked => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the name in parentheses, which may hold anything: state, parent, ...
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') };
  } catch {
    const asked = ['-o', 'ppid=,args=', '-p', `${pid}`];
    const text = execFileSync('ps', asked, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return { parent: Number.parseInt(text, 10), command: text };
  }
};

/** @returns its process id; undefined where there is none, it is the parent itself, or nobody can tell */
export const npmBehindShell = (): number | undefined => {
  try {
    const { parent, command } = look(process.ppid);
    return !command.includes('npm') && look(parent).command.includes('npm') ? parent : undefined;
  } catch {
    return undefined;
  }
};

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
