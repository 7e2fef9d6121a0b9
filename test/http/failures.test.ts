import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { IntegrityError, Unavailable } from '../../functions/core/errors.ts';
import { bearer, type Fixture, fixture, ORIGIN } from './fixture.ts';
import { HOSTS } from './support.ts';

describe.each(HOSTS)('%s', (by) => {
  let server: Fixture;
  beforeAll(async () => {
    server = await fixture(undefined, undefined, by);
  });
  afterAll(() => server.close());

  describe('what is thrown', () => {
    test('S27 any exception is 500 with a correlation id that the log knows, and without its text', async () => {
      const CANARY = 'canary-77ab';
      const reply = await server.fail(new TypeError(`${CANARY} token=ya29.x`));
      expect(reply).toMatchObject({ status: 500, json: { code: 'internal_error' } });
      expect(Object.keys(reply.json).sort()).toEqual(['code', 'correlation_id', 'status', 'title', 'type']);
      expect(reply.headers['x-correlation-id']).toBe(reply.json.correlation_id);
      const line = server.log.find((event) => event.correlation_id === reply.json.correlation_id && 'error' in event);
      expect(line).toMatchObject({
        event: 'internal_error',
        severity: 'ERROR',
        error: 'TypeError',
        operation: 'token',
      });
      expect(line?.frames).toContain('failures.test.ts');
      expect(reply.text + JSON.stringify(server.log)).not.toContain(CANARY);
    });

    test('what is not even an error', async () => {
      for (const error of ['text', null, 0, { message: 'x' }]) expect((await server.fail(error)).status).toBe(500);
    });

    test('unavailable is 503 with Retry-After, an altered record 500 with an alert', async () => {
      const reply = await server.fail(new Unavailable('database', 'unavailable', { retryAfter: 3 }));
      expect(reply).toMatchObject({
        status: 503,
        json: { code: 'temporarily_unavailable' },
        headers: { 'retry-after': '3' },
      });
      expect(reply.headers['access-control-allow-origin']).toBe(ORIGIN);
      expect((await server.fail(new IntegrityError('x'))).json.code).toBe('integrity_error');
      expect(server.log.at(-1)).toMatchObject({ event: 'integrity_error', severity: 'ALERT' });
    });
  });

  describe('the log', () => {
    test('every line of a request has its correlation id, operation and tenant, and no user', async () => {
      const before = server.log.length;
      const reply = await server.askToken(bearer);
      const lines = server.log.slice(before);
      expect(lines).toEqual([
        {
          severity: 'INFO',
          message: 'token_issued',
          event: 'token_issued',
          correlation_id: reply.headers['x-correlation-id'],
          operation: 'token',
          tenant: 'org-1',
        },
      ]);
    });

    test('a refusal is logged by its code', async () => {
      const reply = await server.askToken({});
      expect(server.log.at(-1)).toMatchObject({
        event: 'problem',
        status: 401,
        code: 'login_required',
        operation: 'token',
      });
      expect(server.log.at(-1)?.correlation_id).toBe(reply.json.correlation_id);
    });

    test('S23 nothing of the request is reflected', async () => {
      const CANARY = '<script>canary</script>';
      const replies = [
        await server.ask({ path: `/v1/callback/google?error=${CANARY}&state=${CANARY}` }),
        await server.ask({ path: `/${CANARY}` }),
        await server.ask({ path: '/v1/connections', headers: { origin: CANARY, authorization: CANARY } }),
        await server.ask({ path: '/v1/connections', headers: { authorization: `Bearer ${CANARY}` } }),
        await server.ask({ method: 'POST', path: `/v1/connections/${CANARY}/token`, headers: bearer }),
      ];
      for (const { text, headers } of replies) expect(text + JSON.stringify(headers)).not.toContain('canary');
    });
  });
});
