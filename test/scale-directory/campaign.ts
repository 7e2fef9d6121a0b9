/** A large directory: first run, one without a change, one with some, and one that is killed again and again. */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { firestoreRequests } from '../../functions/adapters/firestore/directory-store.ts';
import { databaseOf } from '../../local/firestore/client.ts';
import { type FirestoreStandIn, startFirestore } from '../../local/firestore/server.ts';
import { createSigner } from '../../local/providers/signing.ts';
import { json, listen, send } from '../../local/providers/web.ts';
import { generateWorkspace, userIdOf } from '../../local/workspace/generate.ts';
import { type LocalWorkspace, SYNC_ACCOUNT, startWorkspace } from '../../local/workspace/server.ts';
import { createRandom } from '../chaos/random.ts';

export interface Scale {
  readonly users: number;
  readonly groups: number;
  readonly kills: number;
  /** Longest life of a process that is going to be killed, in milliseconds. */
  readonly lifeMs: number;
  readonly seed: number;
}

export interface Figures {
  readonly what: string;
  readonly seconds: number;
  readonly calls: number;
  /** Bytes: the largest that the function's process ever was. */
  readonly peak: number;
  /** Documents, as the database counted them. */
  readonly reads: number;
  readonly writes: number;
  /** To the Admin SDK. */
  readonly requests: number;
}

const TENANT = 'org-1';
const AUDIENCE = 'https://broker.example/v1/internal/directory-sync';
const ACCOUNT = 'scheduler@local-project.iam.gserviceaccount.com';
/** Megabytes of the function's heap, as in a small instance. */
const OLD_SPACE = 160;
/** Bytes, of the whole process: heap, code, and what is under way. */
const MEMORY = 400e6;
/** Longer than a call holds a run. */
const LEASE_MS = 91_000;

/** Who calls, with Google's signature. */
const startScheduler = async () => {
  const signer = createSigner();
  const keys = await listen(0, () => async (_request, response) => send(response, json(200, signer.keys)));
  const token = () => {
    const iat = Math.floor(Date.now() / 1000);
    const claims = {
      iss: 'https://accounts.google.com',
      aud: AUDIENCE,
      sub: '1',
      email: ACCOUNT,
      email_verified: true,
    };
    return signer.sign({ ...claims, iat, exp: iat + 3600 });
  };
  return { keysUrl: `${keys.origin}/keys`, origin: keys.origin, token, stop: () => keys.stop() };
};

/** The whole of it. `say` gets a line now and then. Throws where a directory is not what it should be. */
export const scaleCampaign = async (scale: Scale, say: (line: string) => void): Promise<Figures[]> => {
  const workspace = await startWorkspace([generateWorkspace({ ...scale, largeGroups: true })]);
  const scheduler = await startScheduler();
  const children = new Set<ChildProcess>();
  const stops: (() => Promise<unknown>)[] = [() => workspace.stop(), () => scheduler.stop()];
  try {
    const environment = {
      GOOGLE_CLOUD_PROJECT: 'local-project',
      METADATA_SERVER_DETECTION: 'none',
      SCHEDULER_AUDIENCE: AUDIENCE,
      SCHEDULER_ACCOUNT: ACCOUNT,
      SCHEDULER_EMULATOR_JWKS_URL: scheduler.keysUrl,
      DEVELOPMENT_ORIGINS: `${workspace.origin} ${scheduler.origin}`,
      DIRECTORY_ORGANIZATIONS: JSON.stringify({ [TENANT]: { administrator: [...workspace.workspaces.keys()][0] } }),
      DIRECTORY_ACCOUNT: SYNC_ACCOUNT,
      DIRECTORY_ENDPOINTS: JSON.stringify({
        metadata: workspace.origin,
        sign: workspace.origin,
        token: `${workspace.origin}/token`,
        admin: workspace.origin,
      }),
      DIRECTORY_DATABASE: 'directory',
      // Whoever asks waits no longer than five minutes for the first byte.
      DIRECTORY_CALL_SECONDS: '240',
    };
    const place = { workspace, scheduler, children, environment, say };
    const whole = await startFirestore();
    stops.push(() => whole.stop());
    const figures = [await measured('first run', whole, place), await measured('nothing changed', whole, place)];
    changeSome(workspace, scale.users);
    figures.push(await measured('one in a hundred changed', whole, place));

    const broken = await startFirestore();
    stops.push(() => broken.stop());
    await killed(broken, scale, place);
    figures.push(await measured(`the end of a first run that was killed ${scale.kills} times`, broken, place));
    if (digestOf(whole) !== digestOf(broken)) throw new Error('the killed run left another directory');
    return figures;
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(stops.map((stop) => stop()));
  }
};

interface Place {
  readonly workspace: LocalWorkspace;
  readonly scheduler: Awaited<ReturnType<typeof startScheduler>>;
  readonly children: Set<ChildProcess>;
  readonly environment: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
}

const startHost = async (firestore: FirestoreStandIn, { children, environment }: Place) => {
  const { PATH = '' } = process.env;
  const child = fork(new URL('host.ts', import.meta.url), {
    env: { PATH, NODE_ENV: 'production', ...environment, FIRESTORE_EMULATOR_HOST: firestore.address },
    // What V8 takes when it may have everything says nothing of what is needed.
    execArgv: ['--no-warnings', `--max-old-space-size=${OLD_SPACE}`],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, url: `http://127.0.0.1:${port}/v1/internal/directory-sync` };
};

const ask = async (url: string, { scheduler }: Place): Promise<{ finished: number; failed: number }> => {
  const answer = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${await scheduler.token()}` } });
  if (answer.status !== 200) throw new Error(`the call was answered ${answer.status}`);
  return (await answer.json()) as { finished: number; failed: number };
};

/** One run to its end, in a new process. */
const measured = async (what: string, firestore: FirestoreStandIn, place: Place): Promise<Figures> => {
  await want(firestore);
  const { child, url } = await startHost(firestore, place);
  const before = { ...firestore.counts(), requests: place.workspace.requests(), at: performance.now() };
  const progress = setInterval(
    () => place.say(`  ${firestore.counts().writes - before.writes} documents written`),
    60_000,
  );
  let calls = 0;
  for (let finished = 0; finished === 0; calls++) {
    const report = await ask(url, place);
    if (report.failed > 0) throw new Error('the run failed');
    finished = report.finished;
  }
  clearInterval(progress);
  const seconds = (performance.now() - before.at) / 1000;
  const after = firestore.counts();
  child.send('memory');
  const [{ peak }] = (await once(child, 'message')) as [{ peak: number }];
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  place.say(`${what}: ${seconds.toFixed(1)} s`);
  if (peak > MEMORY) throw new Error(`${what}: ${Math.round(peak / 1e6)} MB of memory`);
  return {
    what,
    seconds,
    calls,
    peak,
    reads: after.reads - before.reads,
    writes: after.writes - before.writes,
    requests: place.workspace.requests() - before.requests,
  };
};

/** What an admin asks for: another run, though none is due. */
const want = async (firestore: FirestoreStandIn): Promise<void> => {
  const client = databaseOf(
    { GOOGLE_CLOUD_PROJECT: 'local-project', FIRESTORE_EMULATOR_HOST: firestore.address },
    'directory',
  );
  await firestoreRequests(client).request(TENANT, {});
  await client.terminate();
};

const killed = async (firestore: FirestoreStandIn, { kills, lifeMs, seed }: Scale, place: Place): Promise<void> => {
  const random = createRandom(seed);
  for (let kill = 1; kill <= kills; kill++) {
    const { child, url } = await startHost(firestore, place);
    const gone = once(child, 'exit');
    let inFlight = true;
    const asked = ask(url, place)
      .catch(() => undefined)
      .finally(() => {
        inFlight = false;
      });
    await Promise.race([sleep(200 + random.below(lifeMs)), asked]);
    if (!inFlight) throw new Error(`kill ${kill} met no run: a life of ${lifeMs} ms is too long for this size`);
    child.kill('SIGKILL');
    await Promise.all([gone, asked]);
    firestore.advance(LEASE_MS);
    if (kill % 10 === 0) place.say(`killed ${kill} times, ${firestore.counts().writes} documents written`);
  }
};

const changeSome = ({ workspaces }: LocalWorkspace, users: number): void => {
  const [organization] = workspaces.values();
  for (let index = 50; index < users; index += 100) {
    if (index % 300 === 50) organization?.removeUser(userIdOf(index));
    else organization?.changeUser(userIdOf(index), { title: 'Promoted' });
  }
};

/** Of all records; the run's own record and the manifest's division into documents may differ. */
const digestOf = (firestore: FirestoreStandIn): string => {
  const lines = firestore.dump().flatMap(({ name, fields }) => {
    const [, , kind = '', ...rest] = name.slice(name.indexOf('/documents/') + '/documents/'.length).split('/');
    if (kind === '') return [];
    if (kind.endsWith('_manifest'))
      return String(fields.entries)
        .split('\n')
        .map((line) => `${kind} ${line}`);
    return [`${kind}/${rest.join('/')} ${JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))}`];
  });
  const hash = createHash('sha256');
  for (const line of lines.sort()) hash.update(`${line}\n`);
  return hash.digest('hex');
};
