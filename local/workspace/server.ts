/** A simulated Google Workspace on loopback: metadata server, IAM Credentials, token endpoint and Admin SDK at one origin. */
import { setTimeout as sleep } from 'node:timers/promises';
import { foreignPage, isForeign, json, listen, readJson, send } from '../providers/web.ts';
import { type Access, createAccess } from './access.ts';
import { failure, routes } from './admin-sdk.ts';
import type { Workspace } from './directory.ts';
import { WrongFields } from './fields.ts';
import { initialSwitches, type WorkspaceSwitches } from './switches.ts';

export const SYNC_ACCOUNT = 'directory-sync@local-project.iam.gserviceaccount.com';

export interface LocalWorkspace {
  readonly origin: string;
  readonly switches: WorkspaceSwitches;
  /** By administrator. */
  readonly workspaces: ReadonlyMap<string, Workspace>;
  readonly access: Access;
  /** Requests to the Admin SDK so far, whatever came of them. */
  requests(): number;
  stop(): Promise<void>;
}

const ADMIN = '/admin/directory/v1';

/** @param given the organizations; each has its own administrator */
export const startWorkspace = async (given: readonly Workspace[], { port = 0 } = {}): Promise<LocalWorkspace> => {
  const switches = initialSwitches();
  const workspaces = new Map(given.map((workspace) => [workspace.administrator, workspace]));
  let requests = 0;
  let generation = 0;
  let access: Access | undefined;

  const answerAdmin = async (access: Access, request: Parameters<Access['actsFor']>[0], url: URL) => {
    requests += 1;
    if (switches.latencyMs > 0) await sleep(switches.latencyMs);
    if (switches.outage) return failure(503, 'backendError');
    if (switches.busyEvery !== null && requests % switches.busyEvery === 0)
      return busy(requests / switches.busyEvery, switches);
    if (switches.pageTokensDie && url.searchParams.has('pageToken')) {
      switches.pageTokensDie = false;
      generation += 1;
    }
    const path = url.pathname.slice(ADMIN.length);
    const route = routes.find((each) => each.path.test(path));
    if (!route || request.method !== 'GET') return failure(404, 'notFound');
    const acts = access.actsFor(request, route.scope);
    if ('status' in acts) return acts;
    const workspace = workspaces.get(acts.administrator);
    const customer = url.searchParams.get('customer') ?? 'my_customer';
    if (!workspace || (customer !== 'my_customer' && customer !== workspace.customer)) return failure(403, 'forbidden');
    const key = decodeURIComponent(route.path.exec(path)?.[1] ?? '');
    try {
      return route.answer(workspace, { query: url.searchParams, switches, generation }, key);
    } catch (error) {
      if (error instanceof WrongFields) return failure(400, 'invalidParameter');
      throw error;
    }
  };

  const listener = await listen(port, (origin) => {
    const made = createAccess({
      account: SYNC_ACCOUNT,
      administrators: new Set(workspaces.keys()),
      switches,
      tokenUrl: `${origin}/token`,
    });
    access = made;
    return async (request, response, url) => {
      const signing = /^\/v1\/projects\/-\/serviceAccounts\/([^/]+):signJwt$/.exec(url.pathname)?.[1];
      if (url.pathname.startsWith(`${ADMIN}/`)) return send(response, await answerAdmin(made, request, url));
      if (signing) return send(response, await made.signJwt(request, decodeURIComponent(signing)));
      if (url.pathname === '/token' && request.method === 'POST') return send(response, await made.token(request));
      if (url.pathname === '/computeMetadata/v1/instance/service-accounts/default/token')
        return send(response, made.metadata(request));
      if (url.pathname === '/control') {
        if (isForeign(request)) return send(response, foreignPage);
        if (request.method === 'POST') change(switches, await readJson(request));
        return send(response, json(200, { ...switches, beforePage: undefined }));
      }
      return send(response, json(404, { error: 'not_found' }));
    };
  });
  if (!access) throw new Error('not listening');
  return {
    origin: listener.origin,
    switches,
    workspaces,
    access,
    requests: () => requests,
    stop: () => listener.stop(),
  };
};

const busy = (count: number, { retryAfter }: WorkspaceSwitches) => {
  const headers: Record<string, string> = retryAfter === null ? {} : { 'retry-after': String(retryAfter) };
  if (count % 3 === 0) return failure(503, 'backendError', headers);
  return count % 3 === 1 ? failure(403, 'rateLimitExceeded', headers) : failure(429, 'rateLimitExceeded', headers);
};

/** What can be switched over HTTP: all but the hook of tests. */
const change = (switches: WorkspaceSwitches, wanted: object): void => {
  for (const [name, value] of Object.entries(wanted)) {
    const present = initialSwitches()[name as keyof WorkspaceSwitches];
    const fits = value === null || typeof value === typeof present || (present === null && typeof value === 'number');
    if (name !== 'beforePage' && Object.hasOwn(switches, name) && fits) Object.assign(switches, { [name]: value });
  }
};
