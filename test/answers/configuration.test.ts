/** The settings of Search AI: where questions go is never left to chance. */
import { describe, expect, test } from '@jest/globals';
import { needs } from '../../functions/answers/config.ts';
import { answers } from '../../functions/config/answers.ts';
import { load } from '../../functions/config/load.ts';

const GOOD = { ANSWERS_DATABASE: 'answers', ANSWERS_MODEL: 'gemini-3.6-flash', ANSWERS_LOCATION: 'europe-west4' };
const LOCAL = JSON.stringify({ metadata: 'http://127.0.0.1:1', model: 'http://localhost:2' });

test('without stand-ins the location has its own endpoint, and limits have defaults', () => {
  expect(load(answers, GOOD)).toEqual({
    answersDatabase: 'answers',
    answersModel: 'gemini-3.6-flash',
    answersLocation: 'europe-west4',
    answersLimit: { capacity: 10, refillPerSecond: 10 / 60 },
    answersEndpoints: { metadata: 'http://169.254.169.254' },
  });
  expect(load(answers, { ...GOOD, RATE_LIMIT_ANSWERS: '3/60' }).answersLimit).toEqual({
    capacity: 3,
    refillPerSecond: 1,
  });
  expect(load(answers, { ...GOOD, ANSWERS_ENDPOINTS: LOCAL }).answersEndpoints).toEqual(JSON.parse(LOCAL));
});

describe('S49 it does not start', () => {
  test.each(Object.keys(GOOD))('without %s', (variable) => {
    expect(() => load(answers, { ...GOOD, [variable]: undefined })).toThrow(`${variable} is missing`);
  });

  test.each([
    ['ANSWERS_MODEL', 'models/../x', 'is not a name'],
    ['ANSWERS_LOCATION', 'attacker.example/', 'is not a name'],
    ['ANSWERS_LOCATION', 'Global', 'is not a name'],
    ['RATE_LIMIT_ANSWERS', '10', 'is not of the form'],
    ['RATE_LIMIT_ANSWERS', '0/1', 'is not of the form'],
    [
      'ANSWERS_ENDPOINTS',
      '{"metadata":"http://127.0.0.1:1","model":"https://attacker.example"}',
      'model is not on loopback',
    ],
    ['ANSWERS_ENDPOINTS', '{"metadata":"http://127.0.0.1:1"}', 'model is missing'],
    ['ANSWERS_ENDPOINTS', LOCAL.replace('{', '{"other":"x",'), 'it.other is unknown'],
    ['ANSWERS_ENDPOINTS', 'x', 'is not of its form'],
  ])('with %s %s', (variable, value, fault) => {
    expect(() => load(answers, { ...GOOD, [variable]: value })).toThrow(`${variable} ${fault}`);
  });

  test('with stand-ins on Google Cloud', () => {
    const deployed = { ...GOOD, ANSWERS_ENDPOINTS: LOCAL, K_SERVICE: 'answers' };
    expect(() => load(answers, deployed)).toThrow('ANSWERS_ENDPOINTS is a development setting');
  });
});

test('it takes no secret, and not the limit of other requests', () => {
  const variables = Object.values(needs.settings).map(({ variable }) => variable);
  expect(variables).not.toContain('RATE_LIMIT_USER');
  expect(variables).not.toContain('KMS_KEY');
});
