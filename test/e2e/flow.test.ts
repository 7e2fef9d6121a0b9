/** The consent flow, attacked: rows S01 to S13 of the security checklist. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createFlowOpener,
  createFlowSealer,
  createStateSigner,
  createTicketSealer,
} from '../../functions/adapters/flow-tokens.ts';
import { digest, type Flow, type FlowState } from '../../functions/core/flow.ts';
import { connect, followCallback, startFlow, startTestStack, type TestStack } from '../support/broker.ts';
import { contract } from '../support/contract.ts';

const callbackErrors: readonly string[] = contract.components.schemas.CallbackError.enum;

let stack: TestStack;
let token: string;
beforeAll(async () => {
  stack = await startTestStack();
}, 60_000);
beforeEach(async () => {
  token = await stack.session();
});
afterAll(() => stack?.stop());

const exchanges = (provider: 'google' | 'microsoft' | 'notes') =>
  stack.providers[provider].control.read().counts.tokenCalls.authorization_code ?? 0;

const complete = (provider: string, ticket: string, flow: string, session = token) =>
  stack.call('POST', `/v1/connections/${provider}/complete`, { token: session, body: { ticket, flow } });

const callback = (provider: string, query: URLSearchParams | string) =>
  stack.call('GET', `/v1/callback/${provider}?${query}`);

/** A flow up to the point where the page has ticket and flow. */
const readyToComplete = async (provider: 'google' | 'microsoft' | 'notes' = 'google') => {
  const integrations = [provider === 'notes' ? 'notes' : 'files'];
  const started = await startFlow(stack, provider, { token, integrations });
  const ticket = (await followCallback(stack, started.callbackUrl)).get('ticket') ?? '';
  return { ...started, ticket };
};

const keysOf = (variable: string) => JSON.parse(stack.environment[variable] ?? '');
const seconds = (offset: number) => Math.floor(Date.now() / 1000) + offset;
const stateWith = (changes: Partial<FlowState>) =>
  createStateSigner(keysOf('STATE_SIGNING_KEYS')).signState({
    purpose: 'connect',
    flowId: 'a-flow-of-somebody',
    provider: 'google',
    expiresAt: seconds(600),
    returnTo: digest(stack.demo.returnUrls[0] ?? ''),
    binding: 'none',
    ...changes,
  });

describe('S01 state, ticket and flow', () => {
  test('S01 a flow id has 128 bits, and every flow its own', async () => {
    const flows = await Promise.all(
      [1, 2, 3].map(() => startFlow(stack, 'google', { token, integrations: ['files'] })),
    );
    for (const { flowId } of flows) expect(Buffer.from(flowId, 'base64url')).toHaveLength(16);
    expect(new Set(flows.map(({ flowId }) => flowId)).size).toBe(3);
  });

  test('S01 a state that does not verify gets a fixed page, never a redirect', async () => {
    const expired = await stateWith({ expiresAt: seconds(-1) });
    const valid = await stateWith({});
    for (const state of ['', 'x', `${valid}x`, valid.slice(0, -2), expired]) {
      const answer = await callback('google', new URLSearchParams({ code: 'c', state }));
      expect(answer.status).toBe(400);
      expect(answer.headers.get('location')).toBeNull();
      expect(answer.body).toContain('Authorization not completed');
    }
  });

  test('S01 a state for a page that is not registered any more gets the page as well', async () => {
    const state = await stateWith({ returnTo: digest('https://elsewhere.example/') });
    expect((await callback('google', new URLSearchParams({ code: 'c', state }))).status).toBe(400);
  });

  test('S01 a ticket lives 60 seconds', async () => {
    const { callbackUrl, flow } = await readyToComplete();
    const seal = createTicketSealer(keysOf('COMPLETION_PUBLIC_KEYS'));
    const ticket = {
      code: callbackUrl.searchParams.get('code') ?? '',
      state: callbackUrl.searchParams.get('state') ?? '',
    };
    const late = await seal.sealTicket({ ...ticket, expiresAt: seconds(0) });
    expect(await complete('google', late, flow)).toMatchObject({ status: 400, body: { code: 'invalid_state' } });
    const inTime = await seal.sealTicket({ ...ticket, expiresAt: seconds(60) });
    expect((await complete('google', inTime, flow)).status).toBe(200);
  });

  test('S01 a completed flow is over: its replay, and a second ticket of it, are refused before the exchange', async () => {
    const { ticket, flow, callbackUrl } = await readyToComplete();
    expect((await complete('google', ticket, flow)).status).toBe(200);
    const before = exchanges('google');
    expect(await complete('google', ticket, flow)).toMatchObject({ status: 400, body: { code: 'invalid_state' } });
    const again = (await followCallback(stack, callbackUrl)).get('ticket') ?? '';
    expect(await complete('google', again, flow)).toMatchObject({ status: 400, body: { code: 'invalid_state' } });
    expect(exchanges('google')).toBe(before);
  });

  test('S01 the marker of a flow outlives it, and has a time at which the database may remove it', async () => {
    const marker = stack.firestore?.dump().find(({ name }) => name.includes('/documents/flows/'));
    const expireAt = marker?.fields.expire_at as Date;
    expect(expireAt.getTime()).toBeGreaterThan(Date.now() + (600 + 60) * 1000);
  });
});

test('S02 finished from another browser, which has no flow or one of its own: nothing is exchanged', async () => {
  const { ticket } = await readyToComplete();
  const other = await readyToComplete();
  const before = exchanges('google');
  for (const flow of ['none', other.flow]) {
    expect(await complete('google', ticket, flow)).toMatchObject({ status: 400, body: { code: 'invalid_state' } });
  }
  expect(exchanges('google')).toBe(before);
});

test("S02 a flow that was made with the public key does not fit anybody's state", async () => {
  const { ticket, flow } = await readyToComplete();
  const genuine = (await createFlowOpener(keysOf('COMPLETION_PRIVATE_KEYS')).openFlow(flow)) as Flow;
  const other = await stack.session('user-8');
  const forged = await createFlowSealer(keysOf('COMPLETION_PUBLIC_KEYS')).sealFlow({ ...genuine, user: 'user-8' });
  expect(await complete('google', ticket, forged, other)).toMatchObject({
    status: 400,
    body: { code: 'invalid_state' },
  });
});

test.each([
  ['another user', 'user-3', 'org-1'],
  ['the same user id in another organization', 'user-1', 'org-2'],
])('S03 a flow finished by %s: no exchange, nothing stored', async (_, user, tenant) => {
  const { ticket, flow } = await readyToComplete();
  const before = { exchanges: exchanges('google'), stored: await stack.stored() };
  const foreign = await stack.session(user, tenant);
  expect(await complete('google', ticket, flow, foreign)).toMatchObject({
    status: 403,
    body: { code: 'session_mismatch' },
  });
  expect({ exchanges: exchanges('google'), stored: await stack.stored() }).toEqual(before);
  expect((await stack.call('GET', '/v1/connections', { token: foreign })).body.connections).toEqual([]);
});

test('S04 a state of one provider at the callback of another: no token call', async () => {
  const { callbackUrl } = await startFlow(stack, 'google', { token, integrations: ['files'] });
  const before = exchanges('microsoft');
  const answer = await callback('microsoft', callbackUrl.searchParams);
  expect(answer.status).toBe(400);
  expect(answer.headers.get('location')).toBeNull();
  const { ticket, flow } = await readyToComplete();
  expect(await complete('microsoft', ticket, flow)).toMatchObject({ status: 400, body: { code: 'context_mismatch' } });
  expect(exchanges('microsoft')).toBe(before);
});

test('S05 tokens of one kind are none of another', async () => {
  const { ticket, flow, callbackUrl } = await readyToComplete();
  const state = callbackUrl.searchParams.get('state') ?? '';
  for (const [one, other] of [
    [flow, flow],
    [ticket, ticket],
    [flow, ticket],
    [state, flow],
    [ticket, state],
  ] as const) {
    expect(await complete('google', one, other)).toMatchObject({ status: 400, body: { code: 'invalid_state' } });
  }
  const session = await callback('google', new URLSearchParams({ code: 'c', state: token }));
  expect(session.status).toBe(400);
});

test.each(['google', 'microsoft', 'notes'] as const)(
  'S06 a code of another flow at %s: refused by PKCE, nothing stored',
  async (provider) => {
    const session = await stack.session(`user-s06-${provider}`);
    const integrations = [provider === 'notes' ? 'notes' : 'files'];
    const mine = await startFlow(stack, provider, { token: session, integrations });
    const theirs = await startFlow(stack, provider, { token: await stack.session('user-4'), integrations });
    const injected = new URL(mine.callbackUrl);
    injected.searchParams.set('code', theirs.callbackUrl.searchParams.get('code') ?? '');
    const ticket = (await followCallback(stack, injected)).get('ticket') ?? '';
    expect(await complete(provider, ticket, mine.flow, session)).toMatchObject({
      status: 400,
      body: { code: 'code_exchange_failed' },
    });
    expect((await stack.call('GET', '/v1/connections', { token: session })).body).toEqual({ connections: [] });
  },
);

describe('S07 the issuer of the authorization response', () => {
  test.each([
    ['missing', null],
    ['wrong', 'https://elsewhere.example'],
  ])('S07 %s: back with a fixed error, nothing exchanged', async (_, iss) => {
    const { callbackUrl } = await startFlow(stack, 'notes', { token, integrations: ['notes'] });
    expect(callbackUrl.searchParams.get('iss')).toBe(stack.providers.notes.endpoints.issuer);
    if (iss === null) callbackUrl.searchParams.delete('iss');
    else callbackUrl.searchParams.set('iss', iss);
    const fragment = await followCallback(stack, callbackUrl);
    expect(fragment.get('error')).toBe('issuer_mismatch');
    expect(fragment.has('ticket')).toBe(false);
  });
});

test('S08 two identical completions at once: one succeeds, one exchange', async () => {
  const { ticket, flow } = await readyToComplete();
  const before = exchanges('google');
  const answers = await Promise.all([complete('google', ticket, flow), complete('google', ticket, flow)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  expect(exchanges('google')).toBe(before + 1);
});

test.each([
  ['two states', (q: URLSearchParams) => q.append('state', q.get('state') ?? '')],
  ['two codes', (q: URLSearchParams) => q.append('code', 'x')],
  [
    'two of anything',
    (q: URLSearchParams) => {
      q.append('x', '1');
      q.append('x', '2');
    },
  ],
  ['a code and an error', (q: URLSearchParams) => q.append('error', 'access_denied')],
  ['neither code nor error', (q: URLSearchParams) => q.delete('code')],
])('S09 %s: 400, never a redirect', async (_, change) => {
  const { callbackUrl } = await startFlow(stack, 'google', { token, integrations: ['files'] });
  change(callbackUrl.searchParams);
  const answer = await callback('google', callbackUrl.searchParams);
  expect(answer.status).toBe(400);
  expect(answer.headers.get('location')).toBeNull();
});

describe('S10 errors of the provider', () => {
  test.each(['google', 'microsoft', 'notes'] as const)(
    "S10 the user cancels at %s: a fixed error, without the provider's text",
    async (provider) => {
      const started = await startFlow(stack, provider, {
        token,
        integrations: [provider === 'notes' ? 'notes' : 'files'],
        deny: true,
      });
      const fragment = await followCallback(stack, started.callbackUrl);
      expect(Object.fromEntries(fragment)).toEqual({ error: 'access_denied', provider, flow_id: started.flowId });
    },
  );

  test('S10 the errors that are passed on are the ones of the contract', async () => {
    const { callbackUrl } = await startFlow(stack, 'google', { token, integrations: ['files'] });
    const state = callbackUrl.searchParams.get('state') ?? '';
    // One's own finding, and what anything else becomes, are not the provider's to say.
    for (const error of callbackErrors.filter((each) => !['issuer_mismatch', 'provider_error'].includes(each))) {
      const answer = await callback('google', new URLSearchParams({ state, error }));
      const fragment = new URLSearchParams(new URL(answer.headers.get('location') ?? '').hash.slice(1));
      expect(fragment.get('error')).toBe(error);
    }
    const forged = await callback('google', new URLSearchParams({ state, error: 'issuer_mismatch' }));
    expect(forged.headers.get('location')).toContain('error=provider_error');
  });

  test('S10 S23 what is not on the list, markup too, is one fixed error', async () => {
    const { callbackUrl } = await startFlow(stack, 'google', { token, integrations: ['files'] });
    const query = new URLSearchParams({
      state: callbackUrl.searchParams.get('state') ?? '',
      error: '<script>CANARY</script>',
      error_description: '<b>CANARY</b>',
      error_uri: 'https://elsewhere.example/CANARY',
    });
    const answer = await callback('google', query);
    expect(answer.headers.get('location')).not.toContain('CANARY');
    expect(new URLSearchParams(new URL(answer.headers.get('location') ?? '').hash.slice(1)).get('error')).toBe(
      'provider_error',
    );
  });
});

test('S11 another Host header changes nothing', async () => {
  const body = JSON.stringify({ integrations: ['files'], return_to: stack.demo.returnUrls[0] });
  const headers = {
    host: 'elsewhere.example',
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  // `fetch` would not send another Host.
  const text = await new Promise<string>((resolve, reject) => {
    const options = { method: 'POST', path: '/v1/connections/google/authorize', headers };
    const request = httpRequest(stack.broker, options, (response) => {
      let read = '';
      response
        .setEncoding('utf8')
        .on('data', (chunk) => (read += chunk))
        .on('end', () => resolve(read));
    });
    request.on('error', reject).end(body);
  });
  const url = new URL(JSON.parse(text).authorization_url);
  expect(url.searchParams.get('redirect_uri')).toBe(`${stack.broker}/v1/callback/google`);
});

test('S11 spoofed forwarding headers change nothing', async () => {
  const answer = await stack.call('POST', '/v1/connections/google/authorize', {
    token,
    headers: {
      'x-forwarded-host': 'elsewhere.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=elsewhere.example',
      'x-original-url': '/elsewhere',
    },
    body: { integrations: ['files'], return_to: stack.demo.returnUrls[0] },
  });
  const url = new URL(answer.body.authorization_url);
  expect(url.searchParams.get('redirect_uri')).toBe(`${stack.broker}/v1/callback/google`);
});

describe('S12 S13 return_to is one of the registered URLs, as a string', () => {
  const good = () => stack.demo.returnUrls[0] ?? '';
  test.each([
    ['another path of the same origin', () => `${good()}other`],
    ['a query', () => `${good()}?next=1`],
    ['a fragment', () => `${good()}#x`],
    ['without the slash', () => good().replace(/\/$/, '')],
    ['upper case', () => good().toUpperCase()],
    ['a longer host', () => good().replace('localhost', 'localhost.elsewhere.example')],
    ['userinfo', () => good().replace('http://', 'http://elsewhere.example@')],
    ['two slashes', () => '//e'],
    ['a backslash', () => '/\\e'],
    ['a tab', () => '/%09/e'],
    ['javascript:', () => 'javascript:alert(1)'],
    ['nothing', () => ''],
    ['spaces around it', () => ` ${good()} `],
    ['S13 very long', () => `${good()}${'a/../'.repeat(2_500)}`],
    ['S13 made for slow patterns', () => `http://${'a.'.repeat(6_000)}!`],
  ])('S12 %s', async (_, url) => {
    // The best of three: the machine may be busy, a slow pattern always is.
    let best = Number.POSITIVE_INFINITY;
    for (let time = 0; time < 3; time++) {
      const begun = performance.now();
      const answer = await stack.call('POST', '/v1/connections/google/authorize', {
        token,
        body: { integrations: ['files'], return_to: url() },
      });
      best = Math.min(best, performance.now() - begun);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_return_to' } });
    }
    expect(best).toBeLessThan(100);
  });
});

describe('what may be asked for', () => {
  const authorize = (provider: string, body: object) =>
    stack.call('POST', `/v1/connections/${provider}/authorize`, {
      token,
      body: { return_to: stack.demo.returnUrls[0], ...body },
    });

  test('scopes and integrations that the catalogue does not know are refused', async () => {
    expect((await authorize('google', { integrations: ['photos'] })).body.code).toBe('invalid_scope');
    expect((await authorize('microsoft', { scopes: ['Mail.ReadWrite'] })).body.code).toBe('invalid_scope');
    expect((await authorize('nobody', { integrations: ['files'] })).status).toBe(404);
  });

  test('C4 metadata and readonly together are refused, and a step from one to the other drops the first', async () => {
    const scope = (name: string) => `https://www.googleapis.com/auth/gmail.${name}`;
    expect((await authorize('google', { scopes: [scope('metadata'), scope('readonly')] })).body.code).toBe(
      'invalid_scope',
    );
    const user = await stack.session('user-c4');
    await connect(stack, 'google', { token: user, integrations: ['mail', 'files'] });
    const step = await connect(stack, 'google', { token: user, integrations: ['mail:read'] });
    expect(step.body.scopes).toEqual(
      expect.arrayContaining([scope('readonly'), 'https://www.googleapis.com/auth/drive.readonly']),
    );
    expect(step.body.scopes).not.toContain(scope('metadata'));
    // Nor does a later step, of something else, bring it back.
    const later = await connect(stack, 'google', { token: user, integrations: ['calendar'] });
    expect(later.body.integrations).toEqual(['mail:read', 'calendar:read', 'files:read']);
    expect(later.body.scopes).not.toContain(scope('metadata'));
  });
});
