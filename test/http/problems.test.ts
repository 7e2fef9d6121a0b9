import { describe, expect, test } from '@jest/globals';
import { IntegrityError, Unavailable } from '../../functions/core/errors.ts';
import { describeError, failureOf } from '../../functions/http/failures.ts';
import { problem, problemCatalogue } from '../../functions/http/problems.ts';
import { contract, isProblem } from './support.ts';

const codes = Object.keys(problemCatalogue) as (keyof typeof problemCatalogue)[];

test('the catalogue is the ProblemCode of the contract', () => {
  expect(codes.toSorted()).toEqual(contract.components.schemas.ProblemCode.enum.toSorted());
});

test.each(codes)('%s is a problem of the contract', (code) => {
  const { status, headers, body } = problem(code, { detail: 'x' });
  expect(headers['Content-Type']).toBe('application/problem+json');
  expect(isProblem({ ...body, correlation_id: 'x' })).toBe(true);
  expect(body).toMatchObject({ status, code, type: `urn:problem-type:token-broker:${code}`, detail: 'x' });
});

test('what may pass says when to come back, in whole seconds and never zero', () => {
  expect(problem('temporarily_unavailable').headers['Retry-After']).toBe('1');
  expect(problem('rate_limited', { retryAfter: 0.2 }).headers['Retry-After']).toBe('1');
  expect(problem('refresh_in_progress', { retryAfter: 2.1 }).headers['Retry-After']).toBe('3');
  expect(problem('forbidden').headers).not.toHaveProperty('Retry-After');
});

describe('failures', () => {
  test('refused is not unavailable', () => {
    const database = failureOf(new Unavailable('database', 'deadline_exceeded', { retryAfter: 7 }));
    expect(database.answer.body?.code).toBe('temporarily_unavailable');
    expect(database.answer.headers['Retry-After']).toBe('7');
    expect(database.event).toMatchObject({ severity: 'WARNING', upstream: 'database', code: 'deadline_exceeded' });
    const keys = failureOf(new Unavailable('identity_provider', 'no_keys', { needsOps: true }));
    expect(keys.answer.body?.code).toBe('idp_unavailable');
    expect(keys.event.severity).toBe('ERROR');
    expect(failureOf(new IntegrityError('x')).answer.body?.code).toBe('integrity_error');
    expect(failureOf(new TypeError('x')).answer.body?.code).toBe('internal_error');
    expect(failureOf('thrown text').answer.body?.code).toBe('internal_error');
  });

  test('S27 what is logged of an error is its name, code and frames, whatever its message looks like', () => {
    const errors = [
      new Error('CANARY'),
      new Error('first\n    at CANARY (file:///x.js:1:1)'),
      Object.assign(new Error('CANARY'), { code: 'CANARY is free text' }),
      Object.assign(new Error('before'), { message: 'changed', name: 'CANARY with text' }),
      new Error('outer', { cause: new Error('CANARY') }),
      new Unavailable('provider', 'CANARY said the provider'),
    ];
    for (const error of errors) {
      expect(JSON.stringify([describeError(error), failureOf(error)])).not.toContain('CANARY');
    }
    const { frames, code } = describeError(Object.assign(new Error('x'), { code: 'ECONNRESET' }));
    expect(frames).toMatch(/^ {4}at .*problems\.test\.ts/);
    expect(code).toBe('ECONNRESET');
  });
});
