/** The arithmetic of docs/cost.md, done again by hand from the list prices. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  ASSUMED,
  callsPerMonth,
  fixedBill,
  linesOf,
  perMillion,
  perUsers,
  perUsersSignedIn,
  renewalsPerMonth,
  totalOf,
} from '../../tools/cost/model.ts';

const dollarsOf = (bill: Parameters<typeof linesOf>[0], what: string) =>
  linesOf(bill).find((line) => line.what === what)?.dollars;
const document = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8');

describe('a million token calls', () => {
  test('one read each; one write of a tolerant, two of a strict provider; one key call', () => {
    expect(dollarsOf(perMillion('stable', 1), 'Firestore')).toBeCloseTo(10 * 0.03);
    expect(dollarsOf(perMillion('tolerant', 1), 'Firestore')).toBeCloseTo(10 * 0.03 + 10 * 0.09);
    expect(dollarsOf(perMillion('strict', 1), 'Firestore')).toBeCloseTo(10 * 0.03 + 20 * 0.09);
    for (const rotation of ['stable', 'tolerant', 'strict'] as const) {
      expect(dollarsOf(perMillion(rotation, 1), 'Cloud KMS')).toBeCloseTo(100 * 0.03);
    }
  });

  test('seconds are shared by the calls that overlap, requests are not', () => {
    const alone = 300_000 * 0.000024 + 150_000 * 0.0000025 + 0.4;
    expect(dollarsOf(perMillion('stable', 1), 'Cloud Run functions')).toBeCloseTo(alone);
    expect(dollarsOf(perMillion('stable', 4), 'Cloud Run functions')).toBeCloseTo((alone - 0.4) / 4 + 0.4);
  });

  test('stands in the document as it was reckoned', () => {
    const [, together = ''] = /\*\*together\*\* \| (.*) \|/.exec(document) ?? [];
    const bills = [
      ...(['stable', 'tolerant', 'strict'] as const).map((each) => perMillion(each, 4)),
      perMillion('stable', 1),
    ];
    expect(together).toBe(bills.map((bill) => `**${totalOf(bill).toFixed(2)}**`).join(' | '));
  });
});

test('10,000 users, a month: their calls, and what stands there anyway', () => {
  expect(callsPerMonth()).toBe(10_000 * 22 * 2 * 8);
  expect(ASSUMED.users).toBe(10_000);
  const keys = (callsPerMonth() * 0.03) / 10_000 + (dollarsOf(fixedBill(), 'Cloud KMS') ?? 0) + (2_000 * 0.03) / 10_000;
  expect(dollarsOf(perUsers(), 'Cloud KMS')).toBeCloseTo(keys);
  const fixed = 0.025 * 730;
  expect(dollarsOf(fixedBill(), 'load balancer and traffic')).toBeCloseTo(fixed);
  expect(totalOf(perUsers())).toBeGreaterThan(totalOf(fixedBill()));
});

test('with sessions of its own: 12 renewals an hour and user, each 3 reads, 1 write and 1 signature', () => {
  expect(renewalsPerMonth()).toBe(10_000 * 22 * 8 * 12);
  const more = (what: string) => (dollarsOf(perUsersSignedIn(), what) ?? 0) - (dollarsOf(perUsers(), what) ?? 0);
  expect(more('Cloud KMS')).toBeCloseTo((renewalsPerMonth() * 0.03) / 10_000);
  expect(more('Firestore')).toBeCloseTo((renewalsPerMonth() * (3 * 0.03 + 0.09)) / 100_000);
  expect(document).toContain(`**${totalOf(perUsersSignedIn()).toFixed(2)}**`);
});
