/** The local stack's database by the official client: for what is there from the start, and for tests that look into it. */
import { Firestore } from '@google-cloud/firestore';

export const databaseOf = (environment: Readonly<Record<string, string>>, databaseId = '(default)'): Firestore => {
  process.env.METADATA_SERVER_DETECTION = 'none';
  const { FIRESTORE_EMULATOR_HOST } = process.env;
  process.env.FIRESTORE_EMULATOR_HOST = environment.FIRESTORE_EMULATOR_HOST;
  const firestore = new Firestore({ projectId: environment.GOOGLE_CLOUD_PROJECT ?? '', databaseId });
  if (FIRESTORE_EMULATOR_HOST === undefined) delete process.env.FIRESTORE_EMULATOR_HOST;
  else process.env.FIRESTORE_EMULATOR_HOST = FIRESTORE_EMULATOR_HOST;
  return firestore;
};
