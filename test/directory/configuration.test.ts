/** What the directory's functions refuse to start with (S49). */
import { describe, expect, test } from '@jest/globals';
import { directoryDatabase, directoryOrganizations, directorySync } from '../../functions/config/directory.ts';
import { load } from '../../functions/config/load.ts';

const good = {
  DIRECTORY_ACCOUNT: 'directory-sync@project.iam.gserviceaccount.com',
  DIRECTORY_ORGANIZATIONS: '{"org-1":{"administrator":"admin@org-1.example"}}',
};
const read = (change: Record<string, string>) => load(directorySync, { ...good, ...change });

test('S49 what is left out has its default; whose directory is read, and where it is kept, has none', () => {
  const { directoryOrganizations: organizations, directoryEndpoints, directoryShare } = read({});
  expect([...organizations]).toEqual([['org-1', { administrator: 'admin@org-1.example', customer: 'my_customer' }]]);
  expect(directoryEndpoints.admin).toBe('https://admin.googleapis.com');
  expect(directoryShare).toBe(20);
  expect(() => load(directoryDatabase, {})).toThrow('DIRECTORY_DATABASE is missing');
  expect(() => load({ directoryOrganizations }, {})).toThrow('DIRECTORY_ORGANIZATIONS is missing');
});

describe.each([
  ['DIRECTORY_ORGANIZATIONS', '[]'],
  ['DIRECTORY_ORGANIZATIONS', '{"org-1":{}}'],
  ['DIRECTORY_ORGANIZATIONS', '{"org-1":{"administrator":"nobody"}}'],
  ['DIRECTORY_ORGANIZATIONS', '{"org-1":{"administrator":"a@b.example","customer":"../x"}}'],
  ['DIRECTORY_ORGANIZATIONS', '{"org-1":{"administrator":"a@b.example","key":"secret"}}'],
  ['DIRECTORY_ACCOUNT', 'nobody'],
  ['DIRECTORY_REMOVAL_PERCENT', '101'],
  ['DIRECTORY_CALL_SECONDS', '0'],
  ['DIRECTORY_INTERVAL_MINUTES', 'often'],
])('S49 %s=%s', (variable, value) => {
  test('is refused, and not repeated', () => {
    expect(() => read({ [variable]: value })).toThrow(variable);
    if (value.length > 3) expect(() => read({ [variable]: value })).not.toThrow(value);
  });
});

describe('S35 stand-ins for Google', () => {
  const all = (origin: string) => ({
    DIRECTORY_ENDPOINTS: JSON.stringify({ metadata: origin, sign: origin, token: `${origin}/token`, admin: origin }),
  });

  test('are on loopback', () => {
    expect(read(all('http://127.0.0.1:9')).directoryEndpoints.token).toBe('http://127.0.0.1:9/token');
    for (const origin of ['https://elsewhere.example', 'http://10.0.0.1', 'http://127.0.0.1.elsewhere.example', 'x']) {
      expect(() => read(all(origin))).toThrow('DIRECTORY_ENDPOINTS');
    }
  });

  test('are refused on Google Cloud', () => {
    expect(() => read({ ...all('http://127.0.0.1:9'), K_SERVICE: 'directory-sync' })).toThrow('development setting');
  });
});
