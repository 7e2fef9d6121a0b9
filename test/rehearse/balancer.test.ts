import { describe, expect, test } from '@jest/globals';
import { functionFor } from './balancer.ts';

describe('the balancer', () => {
  const routes = [
    { path: '/v1/things/special', function: 'special' },
    { path: '/v1/things/*', function: 'things' },
  ];
  test.each([
    ['/v1/things/special?x=/v1', 'special'],
    ['/v1/things/a%2Fb', 'things'],
    ['/v1/things/', undefined],
    ['/v1/things/a/b', undefined],
    ['/v1/things', undefined],
    ['//v1/things/a', undefined],
  ])('%s leads to %s', (url, name) => {
    expect(functionFor(routes, url)).toBe(name);
  });
});
