/** Scopes as providers spell them: what was granted opens the integration, whatever its spelling; wider serves narrower. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { databaseOf } from '../../local/firestore/client.ts';
import { initialSwitches, type Switches } from '../../local/providers/switches.ts';
import { administer } from '../support/admin.ts';
import { CODE_FLOW, connect, startFlow, startTestStack, type TestStack } from '../support/broker.ts';

const PERSONAL = 'account-3@personal.example';
const WORK = 'account-1@org-1.example';

let stack: TestStack;
let serial = 0;
beforeAll(async () => {
  stack = await startTestStack({ environment: CODE_FLOW });
}, 60_000);
afterEach(() => {
  const { control } = stack.providers.microsoft;
  control.change({ scopeSpelling: initialSwitches.scopeSpelling });
  for (const account of [PERSONAL, WORK]) control.happen({ event: 'revoke-access', account });
});
afterAll(() => stack?.stop());

const newUser = () => stack.session(`user-s${++serial}`);
const getToken = (token: string, body: object) =>
  stack.call('POST', '/v1/connections/microsoft/token', { token, body });
const list = async (token: string) => (await stack.call('GET', '/v1/connections', { token })).body.connections;
const askedOf = ({ authorizationUrl }: { authorizationUrl: URL }) =>
  authorizationUrl.searchParams
    .get('scope')
    ?.split(' ')
    .filter((scope) => /^[A-Z]/.test(scope));

describe('Entra answers in other spellings', () => {
  test.each(['prefixed', 'lower_case', 'government'] satisfies Switches['scopeSpelling'][])(
    '%s',
    async (scopeSpelling) => {
      stack.providers.microsoft.control.change({ scopeSpelling });
      const token = await newUser();
      const connected = await connect(stack, 'microsoft', { token, integrations: ['files', 'mail'] });
      expect(connected.body).toMatchObject({ integrations: ['mail:read', 'files:read'], missing_scopes: [] });
      expect(connected.body.scopes).toEqual(expect.arrayContaining(['Files.Read', 'Mail.ReadBasic']));
      for (const integration of ['files', 'mail']) {
        const got = await getToken(token, { integration });
        expect(got.status).toBe(200);
        expect(got.body.scope.split(' ')).toEqual(expect.arrayContaining(['Files.Read', 'Mail.ReadBasic']));
      }
      // A caller may spell it so, too.
      expect((await getToken(token, { scopes: ['https://graph.microsoft.com/files.read'] })).status).toBe(200);
    },
  );

  test('a record that was stored in another spelling opens what it opens', async () => {
    const token = await newUser();
    await connect(stack, 'microsoft', { token, integrations: ['files'] });
    const database = databaseOf(stack.environment);
    const { docs } = await database.collection('connections').where('user', '==', `user-s${serial}`).get();
    await docs[0]?.ref.update({ scopes: ['https://graph.microsoft.com/FILES.READ', 'User.Read'] });
    await database.terminate();
    expect(await list(token)).toMatchObject([{ integrations: ['files:read'], scopes: ['Files.Read', 'User.Read'] }]);
    expect((await getToken(token, { integration: 'files' })).status).toBe(200);
    expect((await stack.call('DELETE', '/v1/connections/microsoft/integrations/files', { token })).body).toMatchObject({
      integrations: [],
      removed: { provider: 'microsoft' },
    });
  });
});

describe('a personal Microsoft account', () => {
  test('calendar:write: Calendars.ReadWrite alone comes back, and reading and writing work', async () => {
    const token = await newUser();
    const connected = await connect(stack, 'microsoft', { token, integrations: ['calendar:write'], account: PERSONAL });
    expect(connected.body).toMatchObject({ integrations: ['calendar:write'], missing_scopes: [] });
    for (const integration of ['calendar', 'calendar:write']) {
      expect((await getToken(token, { integration })).status).toBe(200);
    }
  });

  test('calendar: the next attempt asks for what such an account has, and then it works', async () => {
    const token = await newUser();
    const wanted = { token, integrations: ['calendar'], account: PERSONAL };
    const first = await connect(stack, 'microsoft', wanted);
    expect(first.body).toMatchObject({ integrations: [], missing_scopes: ['Calendars.Read'] });
    expect(await getToken(token, { integration: 'calendar' })).toMatchObject({
      status: 409,
      body: { reason: 'scope_not_granted', missing_scopes: ['Calendars.Read'] },
    });
    expect(askedOf(await startFlow(stack, 'microsoft', wanted))).toEqual(['Calendars.Read']);
    expect((await connect(stack, 'microsoft', wanted)).body).toMatchObject({ integrations: ['calendar:read'] });
    expect((await getToken(token, { integration: 'calendar' })).status).toBe(200);
  });

  test('C2 a work account is asked for the least, as ever', async () => {
    const token = await newUser();
    const wanted = { token, integrations: ['calendar'], account: WORK };
    expect(askedOf(await startFlow(stack, 'microsoft', wanted))).toEqual(['Calendars.Read.Shared']);
  });
});

describe('a wider grant', () => {
  test('serves scopes by name', async () => {
    const token = await newUser();
    await connect(stack, 'microsoft', { token, integrations: ['files:write'] });
    const got = await getToken(token, { scopes: ['Files.Read'] });
    expect(got).toMatchObject({ status: 200, body: { scope: 'Files.ReadWrite' } });
  });

  test('S45 serves no integration that is read-only', async () => {
    const token = await stack.session(`user-s${++serial}`, 'org-scopes');
    await connect(stack, 'microsoft', { token, integrations: ['files:write'] });
    const admin = await administer(stack, 'org-scopes');
    await admin.change({ providers: { microsoft: { integrations: { files: { read_only: true } } } } });
    for (const body of [{ integration: 'files' }, { scopes: ['Files.Read'] }]) {
      expect(await getToken(token, body)).toMatchObject({ status: 409, body: { missing_scopes: ['Files.Read'] } });
    }
  });
});
