import { expect, test } from '@jest/globals';
import type { ConnectionKey } from '../../functions/core/connection.ts';
import type { AccountIndex } from '../../functions/core/ports.ts';
import { mayRevoke } from '../../functions/core/revocation.ts';

interface Row extends ConnectionKey {
  readonly account: string;
}
const row = (tenant: string, user: string, provider: string, account: string): Row => ({
  tenant,
  user,
  provider,
  account,
});
const isSame = (one: ConnectionKey, other: ConnectionKey) =>
  one.tenant === other.tenant && one.user === other.user && one.provider === other.provider;
const indexOf = (rows: readonly Row[]): AccountIndex => ({
  hasOthers: async (of, except) =>
    rows.some(
      (each) =>
        ('account' in of ? each.account === of.account : each.provider === of.provider) &&
        !except.some((key) => isSame(key, each)),
    ),
});

const mine = row('org-1', 'user-1', 'notes', 'a');
const others: readonly (readonly [string, Row])[] = [
  ['the same account of another user', row('org-1', 'user-2', 'notes', 'a')],
  ['the same account in another organization', row('org-2', 'user-1', 'notes', 'a')],
  ['the same account at another entry', row('org-1', 'user-1', 'tasks', 'a')],
  ['another account', row('org-1', 'user-2', 'notes', 'b')],
];

test.each([
  // What ends, whether accounts are known, and for which of the others nothing may be revoked.
  ['token', true, [false, false, false, false]],
  ['grant', true, [true, true, true, false]],
  ['session', true, [true, true, true, false]],
  ['token', false, [false, false, false, false]],
  // Of plain OAuth 2 each connection counts as another account's: any at the provider may be the same.
  ['session', false, [true, true, false, true]],
] as const)('S47 a revocation that ends the %s, accounts known %s', async (ends, knowsAccounts, expected) => {
  const may = (rows: readonly Row[]) => mayRevoke({ ends, knowsAccounts }, indexOf(rows), mine, [mine]);
  expect(await may([mine])).toBe(true);
  const refused = await Promise.all(others.map(async ([, other]) => !(await may([mine, other]))));
  expect(refused).toEqual(expected);
});

test('S51 what ends with an account is not somebody else’s', async () => {
  const sibling = row('org-1', 'user-1', 'tasks', 'a');
  const revoker = { ends: 'grant', knowsAccounts: true } as const;
  expect(await mayRevoke(revoker, indexOf([mine, sibling]), mine, [mine])).toBe(false);
  expect(await mayRevoke(revoker, indexOf([mine, sibling]), mine, [mine, sibling])).toBe(true);
});
