/** The synchronizing function alone, as a process of its own: what its memory is, is its memory. */
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';

const NAME = 'directory-sync';
const entry = await import(`../../functions/${NAME}/index.ts`);
http(NAME, entry[NAME]);
const server = getTestServer(NAME);
process.once('disconnect', () => process.exit(0));
// Kilobytes: the largest that it ever was.
process.on('message', () => process.send?.({ peak: process.resourceUsage().maxRSS * 1024 }));
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
