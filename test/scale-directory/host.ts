/** The synchronizing function alone, as a process of its own: what its memory is, is its memory. */
import { existsSync, readFileSync } from 'node:fs';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';

const NAME = 'directory-sync';
const entry = await import(`../../functions/${NAME}/index.ts`);
http(NAME, entry[NAME]);
const server = getTestServer(NAME);
process.once('disconnect', () => process.exit(0));
/** Bytes: the most that this program ever had. What `resourceUsage` says is at least what its parent had. */
const peak = (): number => {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
  return Number(kilobytes ?? process.resourceUsage().maxRSS) * 1024;
};
process.on('message', () => process.send?.({ peak: peak() }));
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
