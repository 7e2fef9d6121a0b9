import { Firestore } from '@google-cloud/firestore';

/** The client reads FIRESTORE_EMULATOR_HOST by itself; the configuration has refused it where it must not be set. */
export const openFirestore = ({ project, databaseId }: { project: string; databaseId: string }): Firestore =>
  new Firestore({ projectId: project, databaseId });
