/** What the compiler refuses; each line is a test of `npm run typecheck`. */
import { expect, test } from '@jest/globals';
import { noContent, ok } from '../../functions/http/answer.ts';
import { type Sessions, serviceOperation, sessionOperation } from '../../functions/http/operation.ts';

test('an operation and its answer are those of the contract', () => {
  const sessions: Sessions = { origins: [], verify: async () => undefined };
  const use = (_: unknown) => noContent();
  const made = [
    // @ts-expect-error an answer that the contract does not have
    sessionOperation('connections', sessions, async () => ok({ connections: [1] })),
    // @ts-expect-error a body that the operation does not take
    sessionOperation('revoke', sessions, async ({ body }) => use(body.scopes)),
    // @ts-expect-error an optional body, taken for granted
    sessionOperation('token', sessions, async ({ body }) => use(body.claims)),
    // @ts-expect-error no such path parameter
    sessionOperation('authorize', sessions, async ({ path }) => use(path.tenant)),
    // @ts-expect-error a service is not a user
    serviceOperation('deleteUser', { verify: async () => undefined }, async ({ identity }) => use(identity)),
    // @ts-expect-error no such operation
    sessionOperation('other', sessions, async () => ok({})),
  ];
  expect(made).toHaveLength(6);
});
