/**
 * The unavoidable work of a token call by hand, and nothing else: verify one ES256 session, read one document, unwrap one
 * data key, open one token, call the provider once over a kept TLS connection, seal the new token, write it if nobody
 * else has. No policy, no scopes, no deadlines, no retries, no bounds, no error that says anything: not a broker, but
 * what a broker's costs are measured against.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { ConnectionKey } from '../../functions/core/connection.ts';
import { dataKeyPlace, open, seal, tokenPlace } from '../../functions/core/envelope.ts';

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};
const sessionKey = createPublicKey({ key: JSON.parse(setting('SESSION_KEY')), format: 'jwk' });
const issuer = setting('SESSION_ISSUER');
const audience = setting('SESSION_AUDIENCE');
const keyName = setting('KMS_KEY');
const provider = setting('PROVIDER');
const clientCredentials = { client_id: setting('CLIENT_ID'), client_secret: setting('CLIENT_SECRET') };

/** What the three services answer, as far as it is looked at. */
interface Answer {
  readonly found?: { readonly fields: Fields; readonly updateTime: string };
  readonly plaintext?: string;
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly expires_in?: number;
}
interface Fields {
  readonly generation: { readonly stringValue: string };
  readonly revision: { readonly integerValue: string };
  readonly wrapped_key: { readonly bytesValue: string };
  readonly sealed_token: { readonly bytesValue: string };
}

/** One kept set of connections per upstream. */
const upstream = (origin: string, common: Readonly<Record<string, string>>) => {
  const { protocol, hostname, port } = new URL(origin);
  const [agent, send] =
    protocol === 'https:'
      ? [new HttpsAgent({ keepAlive: true }), httpsRequest]
      : [new HttpAgent({ keepAlive: true }), httpRequest];
  return (path: string, body: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = { ...common, 'content-length': Buffer.byteLength(body) };
      const sent = send({ agent, hostname, port, method: 'POST', path, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(JSON.parse(Buffer.concat(chunks).toString()));
          else reject(new Error(`${path} ${answer.statusCode}`));
        });
      });
      sent.on('error', reject).end(body);
    });
};
const JSON_CALL = { authorization: 'Bearer owner', 'content-type': 'application/json' };
const database = upstream(setting('DATABASE'), JSON_CALL);
const keyService = upstream(setting('KEY_SERVICE'), JSON_CALL);
const tokenEndpoint = upstream(setting('TOKEN_ENDPOINT'), { 'content-type': 'application/x-www-form-urlencoded' });

const DOCUMENTS = 'projects/local-project/databases/(default)/documents';

const keyOf = (header = ''): ConnectionKey => {
  const [head = '', claims = '', signature = ''] = header.slice('Bearer '.length).split('.');
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: sessionKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  const { iss, aud, exp, sub, tenant } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  if (!isSigned || iss !== issuer || aud !== audience || exp * 1000 < Date.now()) throw new Error('session');
  return { tenant, user: sub, provider };
};

const bytes = ({ bytesValue }: { readonly bytesValue: string }) => Buffer.from(bytesValue, 'base64');
const base64 = (value: Uint8Array) => Buffer.from(value).toString('base64');

const tokenOf = async (key: ConnectionKey): Promise<object> => {
  const id = createHash('sha256')
    .update(JSON.stringify([key.tenant, key.user, key.provider]))
    .digest('base64url');
  const name = `${DOCUMENTS}/connections/${id}`;
  const read = await database(`/v1/${DOCUMENTS}:batchGet`, JSON.stringify({ documents: [name] }));
  const { found } = Array.isArray(read) ? (read[0] as Answer) : read;
  if (!found) throw new Error('no document');
  const { generation, revision, wrapped_key, sealed_token } = found.fields;
  const life = generation.stringValue;
  const number = Number(revision.integerValue);

  const unwrapping = {
    ciphertext: wrapped_key.bytesValue,
    additionalAuthenticatedData: base64(dataKeyPlace(key, life)),
  };
  const { plaintext = '' } = await keyService(`/v1/${keyName}:decrypt`, JSON.stringify(unwrapping));
  const dataKey = Buffer.from(plaintext, 'base64');
  const refreshToken = open(dataKey, bytes(sealed_token), tokenPlace(key, life, number));

  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...clientCredentials };
  const tokens = await tokenEndpoint('/token', new URLSearchParams(form).toString());
  const sealed = seal(dataKey, tokens.refresh_token ?? '', tokenPlace(key, life, number + 1));
  const write = {
    update: {
      name,
      fields: { revision: { integerValue: String(number + 1) }, sealed_token: { bytesValue: base64(sealed) } },
    },
    updateMask: { fieldPaths: ['revision', 'sealed_token'] },
    currentDocument: { updateTime: found.updateTime },
  };
  await database(`/v1/${DOCUMENTS}:commit`, JSON.stringify({ writes: [write] }));
  return { access_token: tokens.access_token, token_type: 'Bearer', expires_in: tokens.expires_in };
};

export const floor = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
  try {
    const body = JSON.stringify(await tokenOf(keyOf(incoming.headers.authorization)));
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
};
