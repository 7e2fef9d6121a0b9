/** A function behind the project's own server: `own-server.ts --target=<name>`, as the framework's program takes it. */
import { startServer } from '../../../functions/http/server.ts';

const target = /^--target=(\w+)$/.exec(process.argv.find((each) => each.startsWith('--target=')) ?? '')?.[1] ?? '';
const functions = await import(`./${target}.ts`);
startServer(functions[target], 0);
