/** `npm start`: the whole of it on this machine, until Ctrl-C. */
import { findEmulator, startEmulator } from './firestore/emulator.ts';
import type { Listening } from './grpc.ts';
import { type Stack, startStack } from './stack.ts';

const { PORT = '8080', DEMO_PORT = '8081', FIRESTORE_EMULATOR_HOST, K_SERVICE } = process.env;
if (K_SERVICE !== undefined) {
  console.error('This is the development stack: it does not start on Google Cloud. See docs/configuration.md.');
  process.exit(1);
}
// The Google clients must not look for a metadata server on a developer's machine.
process.env.METADATA_SERVER_DETECTION = 'none';

/** The official emulator where there is one; the strict stand-in everywhere else. */
const database = async (): Promise<{ what: string; emulator?: Listening; address?: string }> => {
  if (FIRESTORE_EMULATOR_HOST) return { what: 'emulator (FIRESTORE_EMULATOR_HOST)', address: FIRESTORE_EMULATOR_HOST };
  if (!findEmulator()) return { what: 'stand-in (the official emulator was not found)' };
  try {
    const emulator = await startEmulator();
    return { what: 'official emulator', emulator, address: emulator.address };
  } catch {
    return { what: 'stand-in (the official emulator did not start)' };
  }
};

const firestore = await database();
const stack: Stack = await startStack({
  // Their neighbours' ports are fixed, so that the commands in the README work as they stand.
  ports: { broker: Number(PORT), demo: Number(DEMO_PORT), microsoft: 8082, google: 8083, notes: 8084 },
  log: (line) => console.log(line),
  ...(firestore.address === undefined ? {} : { firestore: firestore.address }),
}).catch(async (error: NodeJS.ErrnoException & { port?: number }) => {
  await firestore.emulator?.stop();
  console.error(
    error.code === 'EADDRINUSE'
      ? `Port ${error.port} is taken. PORT and DEMO_PORT choose others; 8082 to 8084 are the providers'.`
      : error.message,
  );
  process.exit(1);
});

const { microsoft, google, notes } = stack.providers;
console.log(`
  Open ${stack.demo.origin} to connect accounts and read files, events and mail.

  broker      ${stack.broker}/v1
  demo        ${stack.demo.origin}
  Microsoft   ${microsoft.origin}   simulated; control endpoint at /control
  Google      ${google.origin}   simulated; control endpoint at /control
  notes       ${notes.origin}   any other OpenID Connect provider (oidc-provider); control endpoint at /control
  Firestore   ${firestore.what}
  Cloud KMS   stand-in

  Keys and secrets were made for this run and end with it. Ctrl-C stops everything.
`);

let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  await stack.stop();
  await firestore.emulator?.stop();
  process.exit(0);
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
// npm hands SIGTERM to the shell between it and this process, and to nobody else: an orphan stops as well.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) void stop();
}, 500).unref();
for (const { process: broker } of stack.brokers) {
  broker.once('exit', (code) => {
    if (stopping) return;
    console.error(`The broker process ended (exit code ${code}).`);
    void stop();
  });
}
