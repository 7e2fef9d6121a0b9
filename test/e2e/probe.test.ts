/** The negative prober: it passes where everything is refused, and speaks where it is not. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestStack, type TestStack } from '../support/broker.ts';

let stack: TestStack;
/** What stands at the public URL of the broker that probes. */
let atPublicUrl: RequestListener;
let prober: string;
const server = createServer((req, res) => atPublicUrl(req, res));

/** As a load balancer does. */
const passTo =
  (origin: () => string): RequestListener =>
  async (req, res) => {
    const body = await text(req);
    const { authorization } = req.headers;
    const answer = await fetch(`${origin()}${req.url}`, {
      method: req.method ?? '',
      headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
      ...(req.method === 'POST' ? { body } : {}),
    });
    res.writeHead(answer.status).end(await answer.text());
  };

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stack = await startTestStack();
  const { DEVELOPMENT_ORIGINS = '', SESSION_JWKS_URL = '' } = stack.environment;
  const keys = new URL(SESSION_JWKS_URL);
  const environment = {
    PUBLIC_URL: origin,
    SESSION_JWKS_URL: `${origin}${keys.pathname}`,
    DEVELOPMENT_ORIGINS: `${DEVELOPMENT_ORIGINS} ${origin}`,
  };
  prober = (await stack.addBroker(environment)).origin;
}, 60_000);
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await stack?.stop();
});

const ATTEMPTS = 10;
const probe = async () =>
  stack.call('POST', '/v1/internal/probe', { token: await stack.scheduler.token(), broker: prober });
const events = (name: string) => stack.logs.map((line) => JSON.parse(line)).filter(({ event }) => event === name);
const isKeys = (url = '') => url === new URL(stack.environment.SESSION_JWKS_URL ?? '').pathname;
const keysOf = passTo(() => new URL(stack.environment.SESSION_JWKS_URL ?? '').origin);
/** The sessions' keys are where they are, whatever else stands there. */
const standing = (listener: RequestListener) => {
  atPublicUrl = (req, res) => (isKeys(req.url) ? keysOf(req, res) : listener(req, res));
};

test('S16 S29 S30 every forged and foreign session is refused, and a run says that it passed', async () => {
  standing(passTo(() => stack.broker));
  expect((await probe()).body).toEqual({ attempts: ATTEMPTS, holes: [], unanswered: [] });
  expect(events('probe_passed')).toMatchObject([{ severity: 'INFO', attempts: ATTEMPTS }]);
  expect([...events('probe_hole'), ...events('probe_unanswered')]).toEqual([]);
});

describe('it can fail', () => {
  test('a broker that takes Google’s tokens for sessions, by its configuration, is found', async () => {
    const open = await stack.addBroker({
      SESSION_ISSUER: 'https://accounts.google.com',
      SESSION_AUDIENCE: stack.environment.SCHEDULER_AUDIENCE ?? '',
      SESSION_JWKS_URL: stack.providers.google.endpoints.jwks,
      SESSION_TENANT_CLAIM: 'azp',
      SESSION_AUTHORIZED_PARTIES: '1000',
    });
    standing(passTo(() => open.origin));
    const attempt = 'genuine_token_of_another_issuer';
    expect((await probe()).body).toEqual({ attempts: ATTEMPTS, holes: [attempt], unanswered: [] });
    expect(events('probe_hole')).toMatchObject([{ severity: 'ALERT', attempt, status: 404 }]);
  });

  test.each([
    ['hands a token to anybody', 200, '{"access_token":"x"}'],
    ['answers 401 of its own', 401, '{"code":"something_else"}'],
    ['is a page', 403, '<html>'],
  ])('what %s has holes only', async (_, status, body) => {
    standing((_req, res) => res.writeHead(status).end(body));
    const passed = events('probe_passed').length;
    expect((await probe()).body.holes).toHaveLength(ATTEMPTS);
    expect(events('probe_passed')).toHaveLength(passed);
  });

  test('what does not answer, or says "later", has not passed either', async () => {
    let requests = 0;
    standing((req, res) => {
      requests += 1;
      if (requests % 3 === 0) req.socket.destroy();
      else res.writeHead(requests % 3 === 1 ? 503 : 429).end();
    });
    const passed = events('probe_passed').length;
    const { body } = await probe();
    expect(body.holes).toEqual([]);
    expect(body.unanswered).toHaveLength(ATTEMPTS);
    expect(events('probe_passed')).toHaveLength(passed);
  });

  test('without the sessions’ public keys there is no run: two of the attempts are made with them', async () => {
    atPublicUrl = (_req, res) => res.writeHead(404).end();
    expect(await probe()).toMatchObject({ status: 503, body: { code: 'idp_unavailable' } });
  });
});

test('S58 nobody but the scheduler may ask for it', async () => {
  for (const token of [undefined, await stack.session(), await stack.demo.sessions.serviceToken('org-1')]) {
    const answer = await stack.call('POST', '/v1/internal/probe', token === undefined ? {} : { token });
    expect(answer).toMatchObject({ status: 401, body: { code: 'login_required' } });
  }
});
