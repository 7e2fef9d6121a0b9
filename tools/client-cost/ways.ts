/**
 * The ways to Firestore and Cloud KMS that were weighed for the token call. Each loads what it needs when it is opened, so that a process
 * pays for one way alone.
 */
import { once } from 'node:events';
import type { ConnectionStore, KeyUnwrapper } from '../../functions/core/ports.ts';

/** Where the stand-ins are, and what was put there. */
export interface Place {
  readonly firestore: string;
  readonly kms: { readonly address: string; readonly keyName: string };
  readonly metadata: string;
  readonly project: string;
  readonly key: { readonly tenant: string; readonly user: string; readonly provider: string };
  readonly documentId: string;
  readonly aad: string;
}

/** What a token call at a tolerant provider asks of Google: a read, an unwrapping, a conditional write. */
export type Round = () => Promise<void>;

interface Way {
  /** @returns what makes the clients: loading and making are timed apart */
  load(place: Place): Promise<() => Round | Promise<Round>>;
}

const roundOf =
  ({ key, aad }: Place, connections: ConnectionStore, keys: KeyUnwrapper): Round =>
  async () => {
    const stored = await connections.read(key);
    const sealed = stored?.connection.sealed;
    if (!stored || !sealed) throw new Error('nothing stored');
    await keys.unwrap(sealed.wrappedKey, Buffer.from(aad));
    const written = await connections.update(stored, { revision: stored.connection.revision + 1, attempt: 'another' });
    if (written === 'conflict') throw new Error('conflict');
  };

const official: Way = {
  load: async (place) => {
    const [{ openFirestore }, { firestoreConnections }, { openKms, kmsKeys }] = await Promise.all([
      import('../../functions/adapters/firestore/open.ts'),
      import('../../functions/adapters/firestore/connections.ts'),
      import('../../functions/adapters/kms-client.ts'),
    ]);
    return async () => {
      const firestore = openFirestore({ project: place.project, databaseId: '(default)' });
      const keys = kmsKeys(await openKms({ kmsEmulator: place.kms.address }), place.kms.keyName);
      return roundOf(place, firestoreConnections(firestore), keys);
    };
  },
};

const officialRest: Way = {
  load: async (place) => {
    const [
      { Firestore },
      { firestoreConnections },
      { kmsKeys },
      { KeyManagementServiceClient },
      { PassThroughClient },
    ] = await Promise.all([
      import('@google-cloud/firestore'),
      import('../../functions/adapters/firestore/connections.ts'),
      import('../../functions/adapters/kms-client.ts'),
      import('@google-cloud/kms'),
      import('google-auth-library'),
    ]);
    return () => {
      const authClient = new PassThroughClient();
      const firestore = new Firestore({ projectId: place.project, preferRest: true, authClient });
      const kms = new KeyManagementServiceClient({ ...at(place.kms.address), fallback: true, authClient });
      return roundOf(place, firestoreConnections(firestore), kmsKeys(kms, place.kms.keyName));
    };
  },
};

/** The generated clients that the official ones rest on, without what they add. */
const lowLevel = (mode: 'gRPC' | 'REST'): Way => ({
  load: async (place) => {
    const { FirestoreClient } = await import('@google-cloud/firestore-api/client_v1');
    const { KeyManagementServiceClient } = await import(
      '@google-cloud/kms/build/src/v1/key_management_service_client.js'
    );
    const { credentials } = mode === 'gRPC' ? await import('@grpc/grpc-js') : {};
    const { PassThroughClient } = await import('google-auth-library/build/src/auth/passthrough.js');
    const optionsOf = (address: string) => ({
      ...at(address),
      ...(credentials
        ? { sslCreds: credentials.createInsecure() }
        : { fallback: true, authClient: new PassThroughClient() }),
    });
    return () => {
      const firestore = new FirestoreClient(optionsOf(place.firestore));
      const kms = new KeyManagementServiceClient(optionsOf(place.kms.address));
      const database = `projects/${place.project}/databases/(default)`;
      const name = `${database}/documents/connections/${place.documentId}`;
      let revision = 1;
      return async () => {
        const [answer] = await once(firestore.batchGetDocuments({ database, documents: [name] }), 'data');
        const { fields, updateTime } = answer.found;
        const [{ plaintext }] = await kms.decrypt({
          name: place.kms.keyName,
          ciphertext: fields.wrapped_key.bytesValue,
          additionalAuthenticatedData: Buffer.from(place.aad),
        });
        if (!plaintext) throw new Error('nothing unwrapped');
        revision += 1;
        const write = {
          update: { name, fields: { revision: { integerValue: revision }, attempt: { stringValue: 'another' } } },
          updateMask: { fieldPaths: ['revision', 'attempt'] },
          updateTransforms: [{ fieldPath: 'updated_at', setToServerValue: 'REQUEST_TIME' as const }],
          currentDocument: { updateTime },
        };
        await firestore.commit({ database, writes: [write] });
      };
    };
  },
});

const lean: Way = {
  load: async (place) => {
    const [{ openFirestoreRest }, { restConnections }, { restKeys }, { standInTokens }] = await Promise.all([
      import('../../functions/adapters/firestore/rest/client.ts'),
      import('../../functions/adapters/firestore/rest/connections.ts'),
      import('../../functions/adapters/kms-rest.ts'),
      import('../../functions/adapters/google-api.ts'),
    ]);
    return () => {
      const { project, kms } = place;
      const rest = { project, databaseId: '(default)', firestoreEmulator: place.firestore };
      const keys = restKeys({ kmsKey: kms.keyName, kmsEmulator: kms.address }, standInTokens);
      return roundOf(place, restConnections(openFirestoreRest(rest, standInTokens)), keys);
    };
  },
};

/** The function's access token: a "round" asks for it once; what is kept afterwards costs nothing. */
const tokenWays: Record<string, Way> = {
  'token: GoogleAuth': {
    load: async () => {
      const { GoogleAuth } = await import('google-auth-library');
      return () => {
        const auth = new GoogleAuth();
        return async () => void (await auth.getAccessToken());
      };
    },
  },
  'token: Compute alone': {
    load: async () => {
      const { Compute } = await import('google-auth-library/build/src/auth/computeclient.js');
      return () => {
        const compute = new Compute();
        return async () => void (await compute.getAccessToken());
      };
    },
  },
  'token: metadata server': {
    load: async ({ metadata }) => {
      const [{ createAccessTokens }, { createExchange }] = await Promise.all([
        import('../../functions/adapters/google-access-token.ts'),
        import('../../functions/adapters/exchange.ts'),
      ]);
      return () => {
        const tokens = createAccessTokens(createExchange(), `http://${metadata}`);
        return async () => void (await tokens.get());
      };
    },
  },
};

/** What a process costs before it has done anything. */
const nothing: Way = {
  load: async () => () => async () => {},
};

export const WAYS: Readonly<Record<string, Way>> = {
  'nothing at all': nothing,
  'official clients, gRPC': official,
  'official clients, REST': officialRest,
  'low-level v1 clients, gRPC': lowLevel('gRPC'),
  'low-level v1 clients, REST': lowLevel('REST'),
  'lean: HTTP and JSON': lean,
  ...tokenWays,
};

const at = (address: string) => {
  const [apiEndpoint = '', port] = address.split(':');
  return { apiEndpoint, servicePath: apiEndpoint, port: Number(port), protocol: 'http' };
};
