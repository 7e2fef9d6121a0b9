/** `npm start`: the whole of it on this machine, until Ctrl-C. */
import { findEmulator, isReachable, startEmulator } from './firestore/emulator.ts';
import { isAlive, npmBehindShell } from './npm.ts';
import type { Listening } from './serve.ts';
import { type Stack, startStack } from './stack.ts';
import { explainStart, readSettings, type StartSettings } from './start-settings.ts';

const giveUp = (sentence: string): never => {
  console.error(sentence);
  process.exit(1);
};

if (process.env.K_SERVICE !== undefined) {
  giveUp('This is the development stack: it does not start on Google Cloud. See docs/configuration.md.');
}
// The Google clients must not look for a metadata server on a developer's machine.
process.env.METADATA_SERVER_DETECTION = 'none';

const settingsOrEnd = (): StartSettings => {
  try {
    return readSettings(process.env);
  } catch (error) {
    return giveUp((error as Error).message);
  }
};
const settings = settingsOrEnd();

/** The official emulator where there is one; the strict stand-in everywhere else. */
const database = async (): Promise<{ what: string; emulator?: Listening; address?: string }> => {
  const { firestore: address } = settings;
  if (address !== undefined) {
    if (await isReachable(address)) return { what: 'emulator (FIRESTORE_EMULATOR_HOST)', address };
    giveUp(`Nothing answers at FIRESTORE_EMULATOR_HOST, ${address}: start the emulator there, or unset the variable.`);
  }
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
  ports: settings.ports,
  log: (line) => console.log(line),
  ...(firestore.address === undefined ? {} : { firestore: firestore.address }),
  ...(settings.frontEnd === undefined ? {} : { frontEnd: settings.frontEnd }),
}).catch(async (error: Error) => {
  await firestore.emulator?.stop();
  return giveUp(explainStart(error, settings));
});

const { microsoft, google, notes } = stack.providers;
console.log(`
  Open ${stack.demo.origin} to connect accounts and read files, events and mail.

  broker      ${stack.broker}/v1
  demo        ${stack.demo.origin}
  Microsoft   ${microsoft.origin}   simulated; control endpoint at /control
  Google      ${google.origin}   simulated; control endpoint at /control
  notes       ${notes.origin}   any other OpenID Connect provider (oidc-provider); control endpoint at /control
  Workspace   ${stack.workspace.origin}   Google's directory of org-1, simulated; control endpoint at /control
  Gemini      ${stack.gemini.origin}   Vertex AI, simulated: answers from what it is given; control endpoint at /control
  Firestore   ${firestore.what}
  Cloud KMS   stand-in
${settings.frontEnd === undefined ? '' : `  front end   ${settings.frontEnd}   may be returned to, and may call the broker and the providers\n`}
  Keys and secrets were made for this run and end with it. Ctrl-C stops everything.
`);

const SWEEP_SECONDS = 10;
const SYNC_SECONDS = 3;
stack.scheduler.start(SWEEP_SECONDS);
stack.scheduler.start(SYNC_SECONDS, '/v1/internal/directory-sync');

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
// npm hands SIGTERM to the shell between it and this process, and to nobody else; SIGKILL ends it alone. Orphans stop.
const parent = process.ppid;
const npm = npmBehindShell();
setInterval(() => {
  if (process.ppid !== parent || (npm !== undefined && !isAlive(npm))) void stop();
}, 500).unref();
for (const { process: broker } of stack.brokers) {
  broker.once('exit', (code) => {
    if (stopping) return;
    console.error(`The broker process ended (exit code ${code}).`);
    void stop();
  });
}
