/**
 * What the floor needs of Firestore and Cloud KMS over HTTP and JSON: read a document, write it if it is still the one
 * that was read, decrypt. Without TLS, as the stand-ins that the broker has.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Key } from '../local/kms/key.ts';

export interface RestStandIns {
  readonly origin: string;
  readonly keyName: string;
  /** The key service's side of a wrapped data key. */
  wrap(dataKey: Uint8Array, aad: Uint8Array): Buffer;
  /** `fields` as the REST interface spells them. */
  put(name: string, fields: object): string;
}

const KEY = 'projects/local/locations/europe-west1/keyRings/token-broker/cryptoKeys/floor';

interface Write {
  readonly update: { readonly name: string; readonly fields: object };
  readonly currentDocument: { readonly updateTime: string };
}

export const startRestStandIns = async (): Promise<RestStandIns> => {
  const key = new Key(KEY);
  const documents = new Map<string, { readonly fields: object; readonly updateTime: string }>();
  let writes = 0;
  const put = (name: string, fields: object): string => {
    // Never the same twice.
    const updateTime = new Date().toISOString().replace('Z', `${String(writes++ % 1000).padStart(3, '0')}Z`);
    documents.set(name, { fields, updateTime });
    return updateTime;
  };

  const methods: Readonly<Record<string, (body: never) => object | undefined>> = {
    batchGet: ({ documents: [name] }: { documents: [string] }) => {
      const readTime = new Date().toISOString();
      const found = documents.get(name);
      return [found ? { found: { name, ...found }, readTime } : { missing: name, readTime }];
    },
    commit: ({ writes: [{ update, currentDocument }] }: { writes: [Write] }) => {
      const found = documents.get(update.name);
      if (found?.updateTime !== currentDocument.updateTime) return undefined;
      return { writeResults: [{ updateTime: put(update.name, { ...found.fields, ...update.fields }) }] };
    },
    decrypt: (body: { ciphertext: string; additionalAuthenticatedData: string }) => {
      const aad = Buffer.from(body.additionalAuthenticatedData, 'base64');
      const { plaintext } = key.decrypt(Buffer.from(body.ciphertext, 'base64'), aad);
      return { plaintext: plaintext.toString('base64') };
    },
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const method = methods[request.url?.split(':').at(-1) ?? ''];
    const answer = method?.((await json(request)) as never);
    response.writeHead(answer ? 200 : 400, { 'content-type': 'application/json; charset=UTF-8' });
    response.end(JSON.stringify(answer ?? { error: { code: 400, status: 'FAILED_PRECONDITION' } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    keyName: KEY,
    put,
    wrap: (dataKey, aad) => key.encrypt(Buffer.from(dataKey), Buffer.from(aad)).ciphertext,
  };
};
