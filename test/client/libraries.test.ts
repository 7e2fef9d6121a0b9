/** The adapters with the client libraries that they are made for, over HTTP: a stub of the broker and one of the APIs. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  AllowedHostsValidator,
  BaseBearerTokenAuthenticationProvider,
  HttpMethod,
  ParseNodeFactoryRegistry,
  RequestInformation,
} from '@microsoft/kiota-abstractions';
import { FetchRequestAdapter } from '@microsoft/kiota-http-fetchlibrary';
import { Client, RetryHandler, RetryHandlerOptions } from '@microsoft/microsoft-graph-client';
import { createBroker } from '../../client/src/broker.ts';
import type { AuthorizationRequiredError, ConnectAgain } from '../../client/src/errors.ts';
import { createFetch } from '../../client/src/fetch.ts';
import { gapiToken } from '../../client/src/gapi.ts';
import { type GraphContext, graphAuthentication, graphMessageHandler } from '../../client/src/graph.ts';
import { kiotaAccessTokens } from '../../client/src/kiota.ts';
import { brokerErrorIn } from '../../client/src/recognized.ts';
import { newPage, sessionIdentity } from './page.ts';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}
type Reply = readonly [status: number, body: unknown, headers?: Record<string, string>];

/** Answers what `reply` says. */
const startStub = async (reply: (seen: Seen) => Reply | undefined) => {
  const seen: Seen[] = [];
  const server: Server = createServer(async (req: IncomingMessage, res: ServerResponse) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    const one = { method: req.method ?? '', path: req.url ?? '', authorization: req.headers.authorization, body };
    seen.push(one);
    const answer = reply(one);
    // No answer: the request waits until its sender gives up.
    if (!answer) return;
    const [status, value, headers] = answer;
    res.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(value));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const SESSION = `x.${Buffer.from(JSON.stringify({ iss: 'i', sub: 'user-1', tenant: 'org-1' })).toString('base64url')}.x`;
const NO_CONNECTION = {
  code: 'authorization_required',
  provider: 'microsoft',
  reason: 'no_connection',
  detail: 'Connect.',
};
const TOO_LITTLE = { ...NO_CONNECTION, reason: 'scope_not_granted', missing_scopes: ['Calendars.ReadWrite'] };
const CLAIMS = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1???>>>"}}}').toString('base64');
const CHALLENGE = `Bearer realm="", authorization_uri="https://login.example/authorize", error="insufficient_claims", claims="${CLAIMS}"`;
const graphError = (code: string) => ({ error: { code, message: code, innerError: { 'request-id': 'r' } } });

type Stub = Awaited<ReturnType<typeof startStub>>;
let brokerStub: Stub;
let api: Stub;
let refusal: Reply | 'silence' | undefined;
let issued = 0;
/** Tokens that answer no claims challenge are refused. */
let isChallenged = false;
let isApiSilent = false;

beforeAll(async () => {
  brokerStub = await startStub(({ path, body }) => {
    if (path === '/v1/config') return [200, { session: sessionIdentity, providers: [] }];
    if (refusal === 'silence') return undefined;
    if (refusal) return refusal;
    issued += 1;
    const suffix = JSON.parse(body).claims ? '-with-claims' : '';
    return [200, { access_token: `token-${issued}${suffix}`, expires_in: 3600, user: sessionIdentity.user }];
  });
  api = await startStub(({ path, authorization, body }) => {
    if (isApiSilent) return undefined;
    if (path.endsWith('/upload')) return [200, { authorization: authorization ?? null }];
    if (!authorization) return [401, graphError('InvalidAuthenticationToken')];
    if (isChallenged && !authorization.endsWith('-with-claims')) {
      return [401, graphError('InvalidAuthenticationToken'), { 'WWW-Authenticate': CHALLENGE }];
    }
    if (path.endsWith('/missing')) return [404, graphError('itemNotFound')];
    if (path.endsWith('/$batch')) {
      const { requests } = JSON.parse(body) as { requests: { id: string }[] };
      return [200, { responses: requests.map(({ id }) => ({ id, status: 200, body: {} })) }];
    }
    return [200, { value: [{ subject: 'Standup' }] }];
  });
});
afterAll(async () => {
  await Promise.all([brokerStub?.stop(), api?.stop()]);
});
beforeEach(() => {
  newPage();
  refusal = undefined;
  issued = 0;
  isChallenged = false;
  isApiSilent = false;
  brokerStub.seen.length = 0;
  api.seen.length = 0;
});

/** Node waits for open channels. */
class Channel extends BroadcastChannel {
  constructor(name: string) {
    super(name);
    (this as unknown as { unref(): void }).unref();
  }
}
globalThis.BroadcastChannel = Channel;

const broker = () =>
  createBroker({ baseUrl: brokerStub.origin, session: () => SESSION, returnTo: 'https://product.example/bridge.html' });
const calendar = { integration: 'calendar' } as const;
const caught = async (work: Promise<unknown>): Promise<{ readonly [member: string]: unknown }> =>
  work.then(
    () => Promise.reject(new Error('Nothing was thrown.')),
    (error) => error,
  );
/** What was asked of the broker's token endpoint. */
const asked = () => brokerStub.seen.filter(({ path }) => path.endsWith('/token')).map(({ body }) => JSON.parse(body));
const sent = () => api.seen.map(({ authorization }) => authorization);

/** What the app is told by the callback. */
const listening = () => {
  const told: ConnectAgain[] = [];
  return {
    told,
    onAuthorizationRequired: (request: ConnectAgain, error: AuthorizationRequiredError) => {
      expect(error.request).toBe(request);
      told.push(request);
    },
  };
};

interface Library {
  readonly call: (signal?: AbortSignal) => Promise<unknown>;
  readonly told: readonly ConnectAgain[];
}

const graphByHandler = (path = '/me/events'): Library => {
  const { told, onAuthorizationRequired } = listening();
  const handler = graphMessageHandler(broker(), { ...calendar, origins: [api.origin], onAuthorizationRequired });
  const retry = new RetryHandler(new RetryHandlerOptions(0, 0));
  retry.setNext(handler);
  const client = Client.initWithMiddleware({ middleware: retry, baseUrl: `${api.origin}/` });
  return {
    told,
    call: (signal) =>
      client
        .api(path)
        .options(signal ? { signal } : {})
        .get(),
  };
};

/** Over https alone: so with the refusals of the broker, which come before anything is sent. */
const graphByProvider = (): Library => {
  const { told, onAuthorizationRequired } = listening();
  const client = Client.initWithMiddleware({
    authProvider: graphAuthentication(broker(), { ...calendar, onAuthorizationRequired }),
  });
  return { told, call: () => client.api('/me/events').get() };
};

const kiota = (): Library => {
  const { told, onAuthorizationRequired } = listening();
  const hosts = new AllowedHostsValidator(new Set(['127.0.0.1']));
  const tokens = kiotaAccessTokens(broker(), { ...calendar, onAuthorizationRequired }, hosts);
  const adapter = new FetchRequestAdapter(
    new BaseBearerTokenAuthenticationProvider(tokens),
    new ParseNodeFactoryRegistry(),
  );
  return {
    told,
    call: () => {
      const request = new RequestInformation(HttpMethod.GET);
      request.URL = `${api.origin}/v1.0/me/events`;
      return adapter.sendPrimitive(request, 'ArrayBuffer', undefined);
    },
  };
};

const gapi = (): Library => {
  const { told, onAuthorizationRequired } = listening();
  let token: { access_token: string } | null = null;
  const client = {
    setToken: (value: typeof token) => {
      token = value;
    },
  };
  const options = { ...calendar, provider: 'google', onAuthorizationRequired };
  const authorize = gapiToken(broker(), options, client);
  return {
    told,
    async call() {
      await authorize();
      await fetch(`${api.origin}/calendar`, { headers: { Authorization: `Bearer ${token?.access_token}` } });
    },
  };
};

/** A library that takes a `fetch` and wraps what it throws. */
const wrappedFetch = (): Library => {
  const { told, onAuthorizationRequired } = listening();
  const own = createFetch(broker(), {
    provider: 'microsoft',
    ...calendar,
    origins: [api.origin],
    onAuthorizationRequired,
  });
  return {
    told,
    call: (signal) =>
      own(`${api.origin}/v1.0/me`, signal ? { signal } : {}).catch((cause) => {
        throw new AggregateError([new Error('other'), new Error('The call failed.', { cause })]);
      }),
  };
};

describe.each<[string, () => Library]>([
  ['Graph, graphMessageHandler', graphByHandler],
  ['Graph, graphAuthentication', graphByProvider],
  ['Kiota', kiota],
  ['gapi', gapi],
  ['a library with our fetch', wrappedFetch],
])('%s', (name, start) => {
  test.each([
    ['no connection', NO_CONNECTION, { integrations: ['calendar'] }],
    ['a scope is missing', TOO_LITTLE, { scopes: ['Calendars.ReadWrite'] }],
  ])('%s: the app gets what to connect, from the callback and from what was thrown', async (_, problem, wanted) => {
    refusal = [409, problem];
    const { call, told } = start();
    const found = brokerErrorIn(await caught(call()));
    expect(found).toMatchObject({ name: 'AuthorizationRequiredError', request: { provider: 'microsoft', ...wanted } });
    expect(told).toEqual([expect.objectContaining({ provider: 'microsoft', ...wanted })]);
    expect(api.seen).toEqual([]);
  });

  test.each([429, 503])('the broker answers %d: the app gets when to try again', async (status) => {
    refusal = [status, { code: 'temporarily_unavailable' }, { 'Retry-After': '7' }];
    const { call, told } = start();
    expect(brokerErrorIn(await caught(call()))).toMatchObject({ name: 'BrokerUnavailableError', retryAfter: 7 });
    expect(told).toEqual([]);
  });

  if (name !== 'Graph, graphAuthentication') {
    test('with a connection the API gets the token', async () => {
      const { call } = start();
      await call();
      expect(sent()).toEqual(['Bearer token-1']);
    });
  }

  if (/graphMessageHandler|Kiota|our fetch/.test(name)) {
    test('S50 a claims challenge of the API goes to the broker, and the call is made once more', async () => {
      isChallenged = true;
      const { call } = start();
      await call();
      expect(sent()).toEqual(['Bearer token-1', 'Bearer token-2-with-claims']);
      expect(asked()[1]).toMatchObject({ claims: CLAIMS.replaceAll('+', '-').replaceAll('/', '_') });
    });
  }

  if (/graphMessageHandler|our fetch/.test(name)) {
    test.each(['the broker', 'the API'])(
      'an aborted call ends while %s is silent, and no error is the broker’s',
      async (who) => {
        if (who === 'the broker') refusal = 'silence';
        isApiSilent = who === 'the API';
        const abort = new AbortController();
        const { call } = start();
        setTimeout(() => abort.abort(), 100);
        expect(brokerErrorIn(await caught(call(abort.signal)))).toBeUndefined();
      },
    );
  }
});

describe('Graph’s client', () => {
  test('a batch is one call with one token', async () => {
    const handler = graphMessageHandler(broker(), { ...calendar, origins: [api.origin] });
    const client = Client.initWithMiddleware({ middleware: handler, baseUrl: `${api.origin}/` });
    const requests = ['1', '2'].map((id) => ({ id, method: 'GET', url: '/me/events' }));
    const { responses } = await client.api('/$batch').post({ requests });
    expect(responses.map(({ id }: { id: string }) => id)).toEqual(['1', '2']);
    expect(sent()).toEqual(['Bearer token-1']);
  });

  test('an address outside of `origins`, such as that of an upload session, gets no token', async () => {
    const handler = graphMessageHandler(broker(), { ...calendar, origins: ['https://graph.microsoft.com'] });
    const context: GraphContext = {
      request: `${api.origin}/upload`,
      options: { headers: { Authorization: 'Bearer own' } },
    };
    await handler.execute(context);
    expect(await context.response?.json()).toEqual({ authorization: null });
    expect(brokerStub.seen).toEqual([]);
  });

  test('its own authentication never sends a token over http, so graphMessageHandler is needed there', async () => {
    const client = Client.initWithMiddleware({
      authProvider: graphAuthentication(broker(), calendar),
      baseUrl: `${api.origin}/`,
      customHosts: new Set(['127.0.0.1']),
    });
    expect(await caught(client.api('/me/events').get())).toMatchObject({ statusCode: 401 });
    expect(sent()).toEqual([undefined]);
  });

  test('an error of Graph is not taken for one of the broker', async () => {
    const { onAuthorizationRequired, told } = listening();
    const options = { ...calendar, origins: [api.origin], onAuthorizationRequired };
    const client = Client.initWithMiddleware({
      middleware: graphMessageHandler(broker(), options),
      baseUrl: `${api.origin}/`,
    });
    const error = await caught(client.api('/missing').get());
    expect(error).toMatchObject({ statusCode: 404, code: 'itemNotFound' });
    expect([brokerErrorIn(error), told]).toEqual([undefined, []]);
  });
});

describe('Kiota’s client', () => {
  test.each(['https://evil.example/', 'http://graph.microsoft.com/', 'http://localhost.evil.example/', '/v1.0/me'])(
    'no token is asked for %s',
    async (url) => {
      const hosts = new AllowedHostsValidator(new Set(['graph.microsoft.com', 'localhost']));
      const tokens = kiotaAccessTokens(broker(), calendar, hosts);
      expect(await tokens.getAuthorizationToken(url)).toBe('');
      expect(asked()).toEqual([]);
    },
  );
});

describe('brokerErrorIn', () => {
  const required = async () => {
    refusal = [409, NO_CONNECTION];
    const { call } = wrappedFetch();
    const error = brokerErrorIn(await caught(call())) as AuthorizationRequiredError;
    return error;
  };

  test('finds the very error by its stack, where a wrapper copies nothing else; two at once are told apart', async () => {
    const [one, two] = [await required(), await required()];
    for (const error of [one, two]) {
      expect(brokerErrorIn(structuredClone(error))).toBe(error);
      expect(brokerErrorIn(Object.assign(new Error('x'), { stack: `Error: x\nCaused by ${error.stack}` }))).toBe(error);
    }
  });

  test.each(['cause', 'error', 'innerError', 'originalError', 'inner', 'reason'])(
    'finds it as `%s`',
    async (member) => {
      const error = await required();
      expect(brokerErrorIn({ [member]: { [member]: error } })).toBe(error);
    },
  );

  test('an error of another copy of the package, or its JSON, becomes one of this copy’s class', async () => {
    const error = await required();
    const { AuthorizationRequiredError: Own } = await import('../../client/src/errors.ts');
    const foreign = Object.assign(new Error(error.message), { ...error, name: 'AuthorizationRequiredError' });
    for (const value of [foreign, JSON.parse(JSON.stringify(error))]) {
      const found = brokerErrorIn(value);
      expect(found).toBeInstanceOf(Own);
      expect(found).toMatchObject({ code: 'authorization_required', reason: 'no_connection' });
      expect((found as AuthorizationRequiredError).request).toEqual(error.request);
    }
    expect(brokerErrorIn(foreign)?.message).toBe('Connect.');
  });

  test('an error of any other origin is not taken for a broker error', () => {
    const circle: { cause?: unknown } = {};
    circle.cause = circle;
    const others = [undefined, null, 'AuthorizationRequiredError', 7, new Error('x'), circle, { name: 'BrokerError' }];
    const forged = { name: 'AuthorizationRequiredError', code: 'authorization_required' };
    for (const value of [...others, forged, { stack: 'token-broker:1-abc' }])
      expect(brokerErrorIn(value)).toBeUndefined();
  });
});
