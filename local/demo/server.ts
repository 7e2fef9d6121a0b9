/** The demo host product: its page, its users' sessions, and the key set by which the broker verifies them. */
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { ARTICLES, findArticles } from './articles.ts';
import {
  createSessions,
  SERVICE_AUDIENCE,
  SESSION_AUDIENCE,
  SESSION_SECONDS,
  type Sessions,
  USERS,
} from './sessions.ts';
import { createSignIn, type Person } from './sign-in.ts';

export interface Demo {
  readonly origin: string;
  readonly issuer: string;
  readonly audience: string;
  readonly serviceAudience: string;
  readonly keysUrl: string;
  /** The page, one that only shows what came back, and the browser SDK's bridge page. */
  readonly returnUrls: readonly string[];
  readonly sessions: Sessions;
  stop(): Promise<void>;
}

/** What the page has to know; served to it as JSON. */
export interface DemoSettings {
  readonly broker: string;
  /** Origins of the providers' APIs, by provider. */
  readonly apis: Readonly<Record<string, string>>;
}

const COOKIE = 'demo-session';
const SIGN_IN_COOKIE = 'demo-sign-in';
const PAGE = new URL('page/', import.meta.url);
/** The page's modules are TypeScript with its types taken out: nothing is built. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ts': 'text/javascript; charset=utf-8',
};
const ROOT = new URL('../../', import.meta.url);
const served = (folder: URL, path = ''): [string, URL][] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => extname(file) in TYPES)
    .map((file) => [path + file, new URL(file, folder)]);
/** By their paths: the page's own, and those of other folders, which a page imports as `../../../client/src/...`. */
const FILES: ReadonlyMap<string, URL> = new Map([
  ...served(PAGE),
  ...['client/src/', 'shared/', 'web/'].flatMap((folder) => served(new URL(folder, ROOT), folder)),
]);

/** `settings` is asked for with each page load: the broker's port is known only after the demo's. */
export const startDemo = async ({
  port = 0,
  settings,
}: {
  port?: number;
  settings: () => DemoSettings;
}): Promise<Demo> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { origin } = new URL(`http://localhost:${(server.address() as AddressInfo).port}`);
  const sessions = await createSessions(origin);
  const signedIn = new Map<string, Person>();
  const signIn = createSignIn({
    broker: () => settings().broker,
    returnTo: `${origin}/`,
    serviceToken: sessions.serviceToken,
  });

  const sessionOf = async ({ user, tenant, roles, name }: Person) => {
    const token = await sessions.sessionToken(user, tenant, roles);
    return { user, tenant, name, token, expires_in: SESSION_SECONDS };
  };
  /** A new session, in the place of whatever this browser had. */
  const enter = async (former: string, person: Person) => {
    const next = randomUUID();
    signedIn.delete(former);
    signedIn.set(next, person);
    return [await sessionOf(person), { 'Set-Cookie': `${COOKIE}=${next}; Path=/; HttpOnly; SameSite=Strict` }] as const;
  };

  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const [path = '/', parameters] = (req.url ?? '/').split('?');
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      void res.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
    for (const [name, value] of Object.entries(headersOf(settings()))) res.setHeader(name, value);
    // One name only: cookies, the broker's CORS and the registered return URL all depend on it.
    if (req.headers.host !== new URL(origin).host) return void res.writeHead(302, { Location: `${origin}/` }).end();
    const cookie = (name: string) => new RegExp(`(?:^|; )${name}=([^;]*)`).exec(req.headers.cookie ?? '')?.[1] ?? '';
    const id = cookie(COOKIE);
    const person = signedIn.get(id);

    switch (`${req.method} ${path}`) {
      case 'GET /.well-known/jwks.json':
        return send(200, sessions.keySet);
      case 'GET /settings':
        return send(200, { ...settings(), users: USERS });
      case 'POST /session': {
        // A demo has no passwords: whoever asks is who they say they are.
        const chosen = JSON.parse(await textOf(req)).user;
        if (typeof chosen !== 'string' || !Object.hasOwn(USERS, chosen)) return send(400, { error: 'unknown user' });
        const { tenant = '', roles = [] } = USERS[chosen] ?? {};
        return send(200, ...(await enter(id, { user: chosen, tenant, roles })));
      }
      case 'GET /articles': {
        const query = new URLSearchParams(parameters);
        const id = query.get('id');
        if (!person) return send(401, { error: 'not signed in' });
        return send(200, {
          articles: id === null ? findArticles(query.get('query') ?? '') : ARTICLES.filter((each) => each.id === id),
        });
      }
      case 'GET /sign-in/google':
      case 'GET /sign-in/microsoft': {
        const begun = signIn.begin(path.slice('/sign-in/'.length));
        res.setHeader('Set-Cookie', `${SIGN_IN_COOKIE}=${begun.id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=600`);
        return void res.writeHead(303, { Location: begun.location }).end();
      }
      case 'POST /sign-in': {
        const { code, tenant } = JSON.parse(await textOf(req));
        const signedInNow = await signIn.finish(cookie(SIGN_IN_COOKIE), { code: String(code), tenant: String(tenant) });
        return signedInNow ? send(200, ...(await enter(id, signedInNow))) : send(400, { error: 'not signed in' });
      }
      case 'GET /session':
        // Nobody is signed in: an answer like any other, which no browser's console reports.
        if (person && (await signIn.isAlive(person))) return send(200, await sessionOf(person));
        signedIn.delete(id);
        return void res.writeHead(204).end();
      case 'POST /service-token': {
        // What the product's backend would make for itself, and no page can: here for whoever tries it by hand.
        const { tenant } = JSON.parse(await textOf(req));
        if (!Object.values(USERS).some((each) => each.tenant === tenant)) return send(400, { error: 'unknown tenant' });
        return send(200, { token: await sessions.serviceToken(tenant) });
      }
      case 'DELETE /session':
        signedIn.delete(id);
        if (person) await signIn.end(person);
        return send(200, {}, { 'Set-Cookie': `${COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0` });
    }
    const file = FILES.get(path === '/' ? 'index.html' : path.slice(1));
    if (req.method !== 'GET' || file === undefined) return send(404, { error: 'not found' });
    const text = await readFile(file, 'utf8');
    res.writeHead(200, { 'Content-Type': TYPES[extname(file.pathname)] });
    res.end(file.pathname.endsWith('.ts') ? stripTypeScriptTypes(text) : text);
  };

  server.on('request', (req, res) => {
    answer(req, res).catch(() => {
      if (!res.headersSent) res.writeHead(400);
      res.end();
    });
  });
  return {
    origin,
    issuer: origin,
    audience: SESSION_AUDIENCE,
    serviceAudience: SERVICE_AUDIENCE,
    keysUrl: `${origin}/.well-known/jwks.json`,
    returnUrls: [`${origin}/`, `${origin}/returned.html`, `${origin}/bridge.html`],
    sessions,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** The page talks to its own server, the broker and the providers' APIs, and to nothing else. */
const headersOf = ({ broker, apis }: DemoSettings): Readonly<Record<string, string>> => ({
  'Cache-Control': 'no-store',
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ["connect-src 'self'", broker, ...Object.values(apis)].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
});

const MAX_BODY = 1024;

const textOf = async (req: IncomingMessage): Promise<string> => {
  // Asks for a preflight, which no other site passes: none can sign a browser in.
  if (req.headers['content-type'] !== 'application/json') throw new Error('not JSON');
  let text = '';
  for await (const chunk of req) {
    text += chunk;
    if (text.length > MAX_BODY) throw new Error('too long');
  }
  return text;
};
