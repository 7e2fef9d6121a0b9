/** What is tried on a Keycloak: whatever its users, its administrators and its settings do, the broker says what is true. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, createBrowser } from '../../support/consent.ts';
import type { Case } from '../lane.ts';
import {
  authorize,
  type World as BrokerWorld,
  complete,
  connect,
  connectionOf,
  disconnect,
  tokenOf,
  type User,
} from '../world.ts';
import { CLIENT, issuerOf, REALMS, type Realm, userOf } from './realms.ts';
import { storm } from './rotation.ts';
import type { Keycloak } from './server.ts';

export interface World extends BrokerWorld {
  readonly keycloak: Keycloak;
  readonly seed: number;
  /** Of a storm. */
  readonly rounds: number;
}

/** Whether the server knows an access token, and whose it says it is (RFC 7662). */
const isGood = async ({ keycloak, entries }: World, accessToken: string, user: User): Promise<boolean> => {
  const secret = entries.find(({ name }) => name === user.provider)?.secret ?? '';
  const response = await fetch(`${issuerOf(keycloak, user.provider)}/protocol/openid-connect/token/introspect`, {
    method: 'POST',
    body: new URLSearchParams({ token: accessToken, client_id: CLIENT, client_secret: secret }),
  });
  const { active, username } = (await response.json()) as { active?: boolean; username?: string };
  return active === true && username === user.person.username;
};

const giveToken = async (world: World, user: User): Promise<void> => {
  const { status, text, body } = await tokenOf(world, user);
  assert.equal(status, 200, `token: ${text}`);
  assert.ok(await isGood(world, String(body.access_token), user), 'the token is not good, or is not of this account');
};

const connected = async (world: World, user: User, browse?: Browser): Promise<void> => {
  const { status, text } = await connect(world, user, browse);
  assert.equal(status, 200, `complete: ${text}`);
};

const authorizeAgain = async (world: World, user: User, reason: string): Promise<void> => {
  const { status, body, text } = await tokenOf(world, user);
  assert.equal(status, 409, `token: ${text}`);
  assert.deepEqual([body.code, body.reason], ['authorization_required', reason]);
};

const sessions = ({ keycloak }: World, { provider, person }: User): Promise<number> =>
  keycloak.admin.countSessions(provider, person.username, CLIENT);

/** From consent to disconnecting. */
const mainJob = (realm: Realm, long: boolean): Case<World> => ({
  name: `main job, ${realm.about}`,
  long,
  async run(world) {
    const user = userOf(realm, 1);
    await connected(world, user);
    for (let each = 0; each < 3; each += 1) await giveToken(world, user);
    assert.equal((await connectionOf(world, user))?.state, 'active');
    // Keycloak 26.0 keeps the browser's session beside the offline one.
    assert.ok((await sessions(world, user)) >= 1, 'the server has no session');
    const removed = await disconnect(world, user);
    assert.deepEqual([removed.status, removed.body.revocation], [200, 'revoked'], removed.text);
    assert.equal(await sessions(world, user), 0);
    await authorizeAgain(world, user, 'no_connection');
    return { connections: 1, tokens: 3, revoked: 1 };
  },
});

const stormAt = (realm: Realm, options: { readonly forgives?: boolean; readonly long?: boolean }): Case<World> => ({
  name: `4 processes, 32 callers at once, kills: ${realm.about}`,
  deadline: 240_000,
  long: options.long ?? false,
  run: (world) =>
    storm(world, {
      seed: world.seed,
      rounds: world.rounds,
      users: [2, 3, 4].map((number) => userOf(realm, number)),
      forgives: options.forgives ?? false,
      isGood: (accessToken, user) => isGood(world, accessToken, user),
    }),
});

/** Two users of the broker have connected one account, in one browser: at Keycloak that is one session. */
const shared = (realm: Realm): Case<World> => ({
  name: `one of two users with the same account disconnects, ${realm.about}`,
  async run(world) {
    const one = userOf(realm, 5, 'first');
    const other = userOf(realm, 5, 'second');
    const browse = createBrowser();
    await connected(world, one, browse);
    await connected(world, other, browse);
    const removed = await disconnect(world, one);
    assert.equal(removed.status, 200, removed.text);
    await giveToken(world, other);
    assert.notEqual(removed.body.revocation, 'revoked', 'nothing was to be revoked');
    const last = await disconnect(world, other);
    assert.deepEqual([last.status, last.body.revocation], [200, 'revoked'], last.text);
    return { connections: 2, 'still alive': 1, revoked: 1 };
  },
});

/** The user signs out at Keycloak; later an administrator signs the user out everywhere. */
const signedOut = (realm: Realm, outlives: boolean): Case<World> => ({
  name: `signed out at the provider, ${realm.about}`,
  async run(world) {
    const user = userOf(realm, 6);
    const { admin } = world.keycloak;
    const id = await admin.userId(realm.name, user.person.username);
    await connected(world, user);
    const found = (await admin.call('GET', `/${realm.name}/users/${id}/sessions`)) as { id: string }[];
    for (const session of found) await admin.call('DELETE', `/${realm.name}/sessions/${session.id}`);
    if (outlives) {
      await giveToken(world, user);
      // Everything that was issued before this second is stale from now on.
      await sleep(1_100);
      await admin.call('POST', `/${realm.name}/users/${id}/logout`);
    }
    await authorizeAgain(world, user, 'grant_dead');
    assert.equal((await connectionOf(world, user))?.state, 'authorize_again');
    await sleep(1_100);
    await connected(world, user);
    await giveToken(world, user);
    await disconnect(world, user);
    return { 'outlived the sign-out': outlives ? 1 : 0, 'authorize again': 1, healed: 1 };
  },
});

const CONSENT_WITHDRAWN: Case<World> = {
  name: 'the user withdraws the consent at the provider',
  async run(world) {
    const user = userOf(REALMS.consent, 3);
    const { admin } = world.keycloak;
    await connected(world, user);
    await giveToken(world, user);
    const id = await admin.userId(user.provider, user.person.username);
    await admin.call('DELETE', `/${user.provider}/users/${id}/consents/${CLIENT}`);
    await authorizeAgain(world, user, 'grant_dead');
    await connected(world, user);
    await giveToken(world, user);
    await disconnect(world, user);
    return { 'authorize again': 1, healed: 1 };
  },
};

const idle: Case<World> = {
  name: `the session is over, ${REALMS.brief.about}`,
  // Keycloak adds a margin of two minutes to idle times.
  long: true,
  deadline: 240_000,
  async run(world) {
    const user = userOf(REALMS.brief, 1);
    await connected(world, user);
    await giveToken(world, user);
    await sleep(125_000);
    await authorizeAgain(world, user, 'grant_dead');
    return { 'authorize again': 1 };
  },
};

/** Something that an administrator takes away for a while. */
const forAWhile = (
  name: string,
  set: (world: World, user: User, enabled: boolean) => Promise<unknown>,
  meanwhile: (world: World, user: User) => Promise<void>,
): Case<World> => ({
  name,
  async run(world) {
    const user = userOf(REALMS.strict, 7);
    await connected(world, user);
    await giveToken(world, user);
    await set(world, user, false);
    try {
      await meanwhile(world, user);
    } finally {
      await set(world, user, true);
    }
    await giveToken(world, user);
    await disconnect(world, user);
    return { 'said so': 1, healed: 1 };
  },
});

/** The token is kept: what the administrator gives back, works again by itself. */
const forbidden = async (world: World, user: User): Promise<void> => {
  await authorizeAgain(world, user, 'organization_forbids');
  const { state, reason } = (await connectionOf(world, user)) ?? {};
  assert.deepEqual([state, reason], ['authorize_again', 'organization_forbids']);
};

const USER_DISABLED = forAWhile(
  'the user is disabled for a while',
  async ({ keycloak: { admin } }, { provider, person }, enabled) =>
    admin.call('PUT', `/${provider}/users/${await admin.userId(provider, person.username)}`, { enabled }),
  forbidden,
);

const temporarily = async (world: World, user: User): Promise<void> => {
  const { status, body, text } = await tokenOf(world, user);
  assert.equal(status, 503, text);
  assert.equal(body.code, 'temporarily_unavailable');
  assert.equal((await connectionOf(world, user))?.state, 'active');
};

const CLIENT_DISABLED = forAWhile(
  'the client is disabled for a while',
  async ({ keycloak: { admin } }, { provider }, enabled) => {
    const id = await admin.clientId(provider, CLIENT);
    const client = (await admin.call('GET', `/${provider}/clients/${id}`)) as object;
    await admin.call('PUT', `/${provider}/clients/${id}`, { ...client, enabled });
  },
  temporarily,
);

const REALM_DISABLED = forAWhile(
  'the realm is disabled for a while',
  ({ keycloak: { admin } }, { provider }, enabled) => admin.call('PUT', `/${provider}`, { realm: provider, enabled }),
  forbidden,
);

const NO_OFFLINE_ROLE: Case<World> = {
  name: 'the user lacks the role for offline_access',
  async run(world) {
    const { admin } = world.keycloak;
    const realm = REALMS.plain;
    const user = userOf(realm, 8);
    const id = await admin.userId(realm.name, user.person.username);
    const roles = (await admin.call('GET', `/${realm.name}/users/${id}/role-mappings/realm`)) as unknown[];
    await admin.call('DELETE', `/${realm.name}/users/${id}/role-mappings/realm`, roles);
    world.takeLog();
    const { status, body, text } = await connect(world, user);
    assert.notEqual(status, 200, 'it must not connect');
    assert.ok(status < 500, `a final answer, not "try again later": ${text}`);
    assert.equal(await connectionOf(world, user), undefined);
    assert.ok(
      world.takeLog().some((line) => line.includes('not_allowed')),
      'no event names not_allowed',
    );
    await admin.call('POST', `/${realm.name}/users/${id}/role-mappings/realm`, roles);
    await connected(world, user);
    await disconnect(world, user);
    return { refused: `${body.code}${body.reason === undefined ? '' : ` ${body.reason}`}`, healed: 1 };
  },
};

const DENIED: Case<World> = {
  name: 'the user does not consent, and then does',
  async run(world) {
    const user = userOf(REALMS.consent, 2);
    const { fragment } = await authorize(world, user, { deny: true });
    assert.equal(fragment.get('error'), 'access_denied');
    assert.equal(fragment.get('ticket'), null);
    await connected(world, user);
    await giveToken(world, user);
    await disconnect(world, user);
    return { denied: 1, connected: 1 };
  },
};

const WRONG_SECRET: Case<World> = {
  name: 'a wrong client secret',
  async run(world) {
    world.takeLog();
    const user = userOf(REALMS.secret, 1);
    const { status, body, text } = await connect(world, user);
    assert.equal(status, 503, text);
    const lines = world.takeLog().filter((line) => /"severity":"(ERROR|ALERT)"/.test(line));
    assert.ok(lines.length > 0, 'nobody of operations is told');
    assert.equal(await connectionOf(world, user), undefined);
    return { refused: String(body.code), 'told operations': lines.length };
  },
};

const LATE_CODE: Case<World> = {
  name: 'the code is redeemed too late',
  async run(world) {
    const user = userOf(REALMS.hasty, 1);
    const authorized = await authorize(world, user);
    await sleep(2_500);
    const { status, body, text } = await complete(world, user, authorized);
    assert.deepEqual([status, body.code], [400, 'code_exchange_failed'], text);
    return { refused: String(body.code) };
  },
};

const REALM_KEYS: Case<World> = {
  name: 'the realm signs with a new key at once',
  async run(world) {
    const user = userOf(REALMS.post, 2);
    await connected(world, user);
    for (let each = 0; each < 3; each += 1) {
      await addKey(world, REALMS.post.name, 200 + each);
      await giveToken(world, user);
      // The id_token of this exchange is signed with the new key.
      await connected(world, user);
    }
    await disconnect(world, user);
    return { 'new keys': 3, tokens: 3, connections: 4 };
  },
};

/** A new RSA key with the highest priority: Keycloak signs with it from now on. */
export const addKey = async ({ keycloak: { admin } }: World, realm: string, priority: number): Promise<void> => {
  const { id } = (await admin.call('GET', `/${realm}`)) as { id: string };
  await admin.call('POST', `/${realm}/components`, {
    name: `rsa-${priority}`,
    providerId: 'rsa-generated',
    providerType: 'org.keycloak.keys.KeyProvider',
    parentId: id,
    config: { priority: [String(priority)], enabled: ['true'], active: ['true'], algorithm: ['RS256'] },
  });
};

export const CASES: readonly Case<World>[] = [
  mainJob(REALMS.strict, false),
  mainJob(REALMS.online, false),
  mainJob(REALMS.plain, true),
  mainJob(REALMS.es256, false),
  mainJob(REALMS.ps256, true),
  mainJob(REALMS.eddsa, false),
  mainJob(REALMS.lightweight, false),
  mainJob(REALMS.post, true),
  shared(REALMS.strict),
  shared(REALMS.online),
  shared(REALMS.plain),
  signedOut(REALMS.strict, true),
  signedOut(REALMS.online, false),
  CONSENT_WITHDRAWN,
  USER_DISABLED,
  CLIENT_DISABLED,
  REALM_DISABLED,
  NO_OFFLINE_ROLE,
  DENIED,
  WRONG_SECRET,
  LATE_CODE,
  REALM_KEYS,
  stormAt(REALMS.strict, {}),
  stormAt(REALMS.online, { long: true }),
  stormAt(REALMS.reuse, { forgives: true, long: true }),
  idle,
];
