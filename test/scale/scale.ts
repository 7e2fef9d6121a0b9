/** An organization with very many connections switches to a browser-only flow: swept to zero, through a crash. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Firestore } from '@google-cloud/firestore';
import { connectionRef, toClient } from '../../functions/adapters/firestore/client.ts';
import { documentOf } from '../../functions/adapters/firestore/documents.ts';
import { dataKeyPlace, newDataKey, seal, tokenPlace } from '../../functions/core/envelope.ts';
import { databaseOf } from '../../local/firestore/client.ts';
import type { KmsStandIn } from '../../local/kms/server.ts';
import { administer } from '../support/admin.ts';
import { CODE_FLOW, type Json, startTestStack } from '../support/broker.ts';

export interface ScaleReport {
  readonly connections: number;
  /** From the switch to the end, the replacement of the killed process included. */
  readonly seconds: number;
  readonly runs: number;
  /** Still there when the process was killed; `undefined`: it was done before. */
  readonly leftAtKill: number | undefined;
  /** The most that a sweeping process had resident, where the system says. */
  readonly megabytes: number | undefined;
  /** Tokens that the provider was asked to revoke, and how often it was asked about one again. */
  readonly revoked: number;
  readonly repeated: number;
  /** What must be nothing: connections and removals of the organization, and connections of another one that are gone. */
  readonly left: number;
  readonly othersGone: number;
}

const PROVIDER = 'google';
const [TENANT, OTHER] = ['org-large', 'org-other'];
const BATCH = 400;
const GENERATION = 'life';

export const runScale = async (connections: number, progress: (line: string) => void): Promise<ScaleReport> => {
  const others = Math.ceil(connections / 100);
  const revocation = await startRevocation();
  const stack = await startTestStack({ environment: { ...CODE_FLOW, RATE_LIMIT_USER: '100000/100000' } });
  const database = databaseOf(stack.environment);
  try {
    await store(database, stack.kms, TENANT, connections, progress);
    await store(database, stack.kms, OTHER, others, progress);
    const environment = withRevocation(stack.environment, revocation.url);
    const admin = await administer(stack, TENANT);
    /** As the admin sees it; what was seen last where the broker is too busy to say. */
    let seen = connections;
    const count = async (): Promise<number> => {
      const asked = stack.call('GET', '/v1/admin/integrations', { token: await admin.session() });
      const { status, body } = await asked.catch(() => ({ status: 0, body: undefined }));
      if (status === 200) seen = body.providers.find((each: Json) => each.provider === PROVIDER).connections;
      return seen;
    };

    const begun = performance.now();
    await admin.change({ providers: { [PROVIDER]: { flow: 'implicit' } } });
    let sweeper = await stack.addBroker(environment);
    let [runs, megabytes, leftAtKill]: [number, number, number | undefined] = [0, 0, undefined];
    for (let isOver = false; !isOver; ) {
      runs += 1;
      const body = call(sweeper.origin, await stack.scheduler.token());
      await until(body, async () => {
        const left = await count();
        const perSecond = Math.round((connections - left) / ((performance.now() - begun) / 1000));
        progress(`run ${runs}: ${connections - left} of ${connections} removed, ${perSecond} a second`);
        megabytes = Math.max(megabytes, peakOf(sweeper.process) ?? 0);
        if (leftAtKill !== undefined || left > (connections * 3) / 4 || left === 0) return;
        leftAtKill = left;
        sweeper.process.kill('SIGKILL');
      });
      isOver = (await body)?.left === false;
      if (sweeper.process.exitCode !== null || sweeper.process.signalCode !== null) {
        sweeper = await stack.addBroker(environment);
      }
    }
    const seconds = (performance.now() - begun) / 1000;
    const documents = stack.firestore?.dump() ?? [];
    const of = (tenant: string) =>
      documents.filter(({ name, fields }) => fields.tenant === tenant && !name.includes('/policies/')).length;
    return {
      connections,
      seconds,
      runs,
      leftAtKill,
      megabytes: megabytes > 0 ? megabytes : undefined,
      revoked: revocation.tokens.size,
      repeated: revocation.calls() - revocation.tokens.size,
      left: of(TENANT),
      othersGone: others - of(OTHER),
    };
  } finally {
    await database.terminate();
    await stack.stop();
    await revocation.stop();
  }
};

/** Genuine connections, each with an account, a data key and a token of its own, as `complete` would have stored them. */
const store = async (
  database: Firestore,
  kms: KmsStandIn,
  tenant: string,
  count: number,
  progress: (line: string) => void,
): Promise<void> => {
  for (let first = 0; first < count; first += BATCH) {
    const batch = database.batch();
    for (let index = first; index < Math.min(first + BATCH, count); index++) {
      const key = { tenant, user: `user-${index}`, provider: PROVIDER };
      const dataKey = Buffer.from(newDataKey());
      const document = documentOf(key, {
        generation: GENERATION,
        revision: 1,
        sealed: {
          wrappedKey: kms.encrypt(dataKey, Buffer.from(dataKeyPlace(key, GENERATION))),
          ciphertext: seal(dataKey, `token-of-${tenant}-${index}`, tokenPlace(key, GENERATION, 1)),
        },
        scopes: ['https://www.googleapis.com/auth/drive.readonly'],
        account: `account-of-${tenant}-${index}`,
        attempt: 'scale',
      });
      batch.set(connectionRef(database, key), toClient(document));
    }
    await batch.commit();
    progress(`${Math.min(first + BATCH, count)} of ${count} stored`);
  }
};

const call = async (origin: string, token: string): Promise<{ left: boolean } | undefined> => {
  try {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${origin}/v1/internal/sweep`, { method: 'POST', headers });
    return answer.ok ? ((await answer.json()) as { left: boolean }) : undefined;
  } catch {
    // Its process was killed.
    return undefined;
  }
};

const POLL_MS = 150;

/** Looks again and again until `running` is over; not so often that the counting of many would keep the database busy. */
const until = async (running: Promise<unknown>, look: () => Promise<void>): Promise<void> => {
  let isOver = false;
  void running.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const since = performance.now();
    await look();
    await Promise.race([running, sleep(Math.max(POLL_MS, 10 * (performance.now() - since)))]);
  }
};

/** https://www.kernel.org/doc/html/latest/filesystems/proc.html, `VmHWM` */
const peakOf = ({ pid }: ChildProcess): number | undefined => {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
  } catch {
    return undefined;
  }
};

/** Google's revocation endpoint, for tokens that no simulated Google has issued. */
const startRevocation = async () => {
  const tokens = new Set<string>();
  let calls = 0;
  const server = createServer(async (req, res) => {
    let form = '';
    for await (const chunk of req) form += chunk;
    calls += 1;
    tokens.add(new URLSearchParams(form).get('token') ?? '');
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/revoke`,
    tokens,
    calls: () => calls,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const withRevocation = (base: Readonly<Record<string, string>>, revocation: string): Record<string, string> => {
  const providers = JSON.parse(base.PROVIDERS ?? '{}');
  providers[PROVIDER].endpoints.revocation = revocation;
  return {
    PROVIDERS: JSON.stringify(providers),
    DEVELOPMENT_ORIGINS: `${base.DEVELOPMENT_ORIGINS} ${new URL(revocation).origin}`,
  };
};
