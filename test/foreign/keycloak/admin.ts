/** Keycloak's administration by its REST API: https://www.keycloak.org/docs-api/latest/rest-api/index.html */

export interface Admin {
  /** Throws where the status is not 2xx. @returns the answer's JSON, `undefined` for an empty one */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Keycloak's id of a user. */
  userId(realm: string, username: string): Promise<string>;
  /** Keycloak's id of a client. */
  clientId(realm: string, client: string): Promise<string>;
  /** Sessions of a user at a client that a refresh token may live from. */
  countSessions(realm: string, username: string, client: string): Promise<number>;
}

const DEADLINE_MS = 30_000;

export const createAdmin = (origin: string): Admin => {
  /** The administrator's token lives for a minute. */
  const token = async (): Promise<string> => {
    const response = await fetch(`${origin}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: 'admin-cli',
        username: 'admin',
        password: 'admin',
      }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const { access_token } = (await response.json()) as { access_token?: string };
    if (!access_token) throw new Error(`Keycloak gives its administrator no token: status ${response.status}`);
    return access_token;
  };

  const call: Admin['call'] = async (method, path, body) => {
    const response = await fetch(`${origin}/admin/realms${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Keycloak: ${method} ${path}: ${response.status} ${text.slice(0, 200)}`);
    return text === '' ? undefined : JSON.parse(text);
  };

  const idIn = async (path: string, what: string): Promise<string> => {
    const [found] = (await call('GET', path)) as { id: string }[];
    if (!found) throw new Error(`Keycloak knows no ${what}`);
    return found.id;
  };

  const userId: Admin['userId'] = (realm, username) =>
    idIn(`/${realm}/users?username=${encodeURIComponent(username)}&exact=true`, username);
  const clientId: Admin['clientId'] = (realm, client) =>
    idIn(`/${realm}/clients?clientId=${encodeURIComponent(client)}`, client);

  return {
    call,
    userId,
    clientId,
    async countSessions(realm, username, client) {
      const user = await userId(realm, username);
      const id = await clientId(realm, client);
      const online = (await call('GET', `/${realm}/users/${user}/sessions`)) as { clients: Record<string, string> }[];
      const offline = (await call('GET', `/${realm}/users/${user}/offline-sessions/${id}`)) as unknown[];
      return online.filter(({ clients }) => Object.hasOwn(clients, id)).length + offline.length;
    },
  };
};
