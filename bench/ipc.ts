/** Questions between the processes of the bench: a name and a value go out, a value comes back (answer.js). */
import type { ChildProcess } from 'node:child_process';

interface Question {
  readonly id: number;
  readonly name: string;
  readonly value: unknown;
}

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

export type Ask = <T = void>(name: string, value?: unknown) => Promise<T>;

/** In the parent. A question to a child that has gone, or goes, is refused with what it printed. */
export const askChild = (child: ChildProcess, printed: () => string): Ask => {
  const waiting = new Map<number, (reply: Reply) => void>();
  let ids = 0;
  let gone = false;
  child.on('message', (reply: Reply) => {
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  child.once('exit', () => {
    gone = true;
    for (const [id, end] of waiting) end({ id, error: `the process has ended:\n${printed()}` });
    waiting.clear();
  });
  return <T>(name: string, value?: unknown) =>
    new Promise<T>((resolve, reject) => {
      const id = ++ids;
      const end = (reply: Reply) =>
        reply.error === undefined ? resolve(reply.value as T) : reject(new Error(`${name}: ${reply.error}`));
      if (gone) return end({ id, error: `the process has ended:\n${printed()}` });
      waiting.set(id, end);
      child.send({ id, name, value } satisfies Question);
    });
};
