/** A product whose users' sessions a Keycloak issues: the broker verifies its access tokens. docs/host-sessions.md. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Reply } from '../../chaos/http.ts';
import type { Case } from '../lane.ts';
import { addKey, type World } from './cases.ts';
import { issuerOf, PEOPLE } from './realms.ts';

const AUDIENCE = 'token-broker';
/** The product's page, the one that the broker is for. */
const PRODUCT = 'product';
/** Another page of the company, whose tokens are for the broker as well. */
const OTHER = 'other-page';
/** Its tokens are not for the broker. */
const STRANGER = 'stranger';

const mapper = (name: string, protocolMapper: string, config: Readonly<Record<string, string>>) => ({
  name,
  protocol: 'openid-connect',
  protocolMapper,
  config: { 'access.token.claim': 'true', 'id.token.claim': 'false', ...config },
});

const forBroker = [
  mapper('audience', 'oidc-audience-mapper', { 'included.custom.audience': AUDIENCE }),
  mapper('tenant', 'oidc-hardcoded-claim-mapper', {
    'claim.name': 'tenant',
    'claim.value': 'org-1',
    'jsonType.label': 'String',
  }),
];

/** A realm of its own, and a broker process that believes it. */
const startHost = async (world: World, realm: string, settings: Readonly<Record<string, unknown>> = {}) => {
  const { keycloak } = world;
  const [person] = PEOPLE;
  const client = (clientId: string, protocolMappers: readonly unknown[]) => ({
    clientId,
    enabled: true,
    publicClient: true,
    directAccessGrantsEnabled: true,
    protocolMappers,
  });
  await keycloak.admin.call('POST', '', {
    realm,
    enabled: true,
    sslRequired: 'none',
    roles: { realm: [{ name: 'broker-admin' }] },
    users: [
      {
        username: person?.username,
        enabled: true,
        email: 'person@host.example',
        emailVerified: true,
        firstName: 'Person',
        lastName: 'One',
        realmRoles: [`default-roles-${realm}`, 'broker-admin'],
        credentials: [{ type: 'password', value: person?.password, temporary: false }],
      },
    ],
    clients: [client(PRODUCT, forBroker), client(OTHER, forBroker), client(STRANGER, [])],
    ...settings,
  });
  const endpoint = `${issuerOf(keycloak, realm)}/protocol/openid-connect`;
  const origin = await world.addBroker({
    SESSION_ISSUER: issuerOf(keycloak, realm),
    SESSION_AUDIENCE: AUDIENCE,
    SESSION_JWKS_URL: `${endpoint}/certs`,
    SESSION_AUTHORIZED_PARTIES: PRODUCT,
    SESSION_ROLES_CLAIM: '/realm_access/roles',
    ADMIN_ROLE: 'broker-admin',
  });
  const session = async (clientId = PRODUCT): Promise<string> => {
    const response = await fetch(`${endpoint}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: clientId,
        username: person?.username ?? '',
        password: person?.password ?? '',
        scope: 'openid',
      }),
    });
    const { access_token } = (await response.json()) as { access_token?: string };
    if (access_token === undefined) throw new Error(`Keycloak gives no session: status ${response.status}`);
    return access_token;
  };
  const get = async (path: string, token: string): Promise<Reply> => {
    const reply = await ask({ method: 'GET', url: origin + path, headers: { authorization: `Bearer ${token}` } });
    if (typeof reply === 'string') throw new Error(`${path}: ${reply}`);
    return reply;
  };
  return { session, get };
};

const CONNECTIONS = '/v1/connections';

const SESSIONS: Case<World> = {
  name: "a Keycloak's access tokens as sessions",
  async run(world) {
    const { session, get } = await startHost(world, 'host');
    const good = await session();
    assert.equal((await get(CONNECTIONS, good)).status, 200, 'a session of the product');
    const { status, text } = await get('/v1/admin/policy', good);
    assert.equal(status, 200, `the role that makes an admin: ${text}`);
    assert.equal((await get(CONNECTIONS, await session(OTHER))).status, 401, 'azp of another client');
    assert.equal((await get(CONNECTIONS, await session(STRANGER))).status, 401, 'another audience');
    const cut = `${good.slice(0, -8)}AAAAAAAA`;
    assert.equal((await get(CONNECTIONS, cut)).status, 401, 'another signature');
    return { accepted: 2, refused: 3 };
  },
};

const NEW_KEYS: Case<World> = {
  name: "the sessions' realm signs with a new key at once",
  deadline: 150_000,
  async run(world) {
    const { session, get } = await startHost(world, 'host-keys');
    const old = await session();
    assert.equal((await get(CONNECTIONS, old)).status, 200);
    const ROTATIONS = 3;
    let waits = 0;
    for (let each = 1; each <= ROTATIONS; each += 1) {
      await addKey(world, 'host-keys', 200 + each);
      const fresh = await session();
      for (;;) {
        const { status, text, headers } = await get(CONNECTIONS, fresh);
        if (status === 200) break;
        // Keys are asked for a few times a minute (S34): until the next time nobody can tell, and no session is refused.
        assert.equal(status, 503, `a session signed with key ${each}: ${text}`);
        const seconds = Number(headers['retry-after']);
        assert.ok(seconds >= 1 && seconds <= 60, `Retry-After: ${headers['retry-after']}`);
        waits += 1;
        await sleep(seconds * 1_000);
      }
      assert.equal((await get(CONNECTIONS, old)).status, 200, 'a session from before');
    }
    assert.ok(waits < ROTATIONS, 'the first new key is found without a wait');
    return { 'new keys': ROTATIONS, accepted: 1 + 2 * ROTATIONS, 'told to wait': waits };
  },
};

const OTHER_ALGORITHMS: Case<World> = {
  name: 'sessions signed with EdDSA',
  long: true,
  async run(world) {
    const { session, get } = await startHost(world, 'host-eddsa', { defaultSignatureAlgorithm: 'EdDSA' });
    const { status, text } = await get(CONNECTIONS, await session());
    assert.equal(status, 200, text);
    return { accepted: 1 };
  },
};

export const HOST_CASES: readonly Case<World>[] = [SESSIONS, NEW_KEYS, OTHER_ALGORITHMS];
