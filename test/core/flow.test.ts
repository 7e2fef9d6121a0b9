import { expect, test } from '@jest/globals';
import { bindingOf, codeChallengeOf, type Flow } from '../../functions/core/flow.ts';

test('S06 the vector of RFC 7636 appendix B', () => {
  expect(codeChallengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  );
});

test('S02 a state vouches for every member of its flow', () => {
  const flow: Flow = {
    flowId: 'flow',
    provider: 'google',
    tenant: 'org-1',
    user: 'user-1',
    redirectUri: 'https://broker.example/v1/callback/google',
    codeVerifier: 'verifier',
    nonce: 'nonce',
    scopes: ['a', 'b'],
    startedAt: 1,
  };
  const changes: Partial<Flow>[] = Object.keys(flow).map((name) => ({
    [name]: name === 'scopes' ? ['a'] : name === 'startedAt' ? 2 : 'other',
  }));
  const bindings = [flow, ...changes.map((change) => ({ ...flow, ...change }))].map(bindingOf);
  expect(new Set(bindings).size).toBe(bindings.length);
});
