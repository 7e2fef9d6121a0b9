/** What is stored, as text. */
import type { Firestore } from '@google-cloud/firestore';

/** Bytes as characters: what is not encrypted in them can be found. @param names every collection when absent */
export const storedText = async (database: Firestore, names?: readonly string[]): Promise<string> => {
  const collections = names?.map((name) => database.collection(name)) ?? (await database.listCollections());
  const documents = (await Promise.all(collections.map((each) => each.get()))).flatMap(({ docs }) => docs);
  return documents.map((each) => `${each.ref.path} ${JSON.stringify(each.data(), asText)}`).join('\n');
};

const asText = (_: string, value: unknown) => {
  const bytes = value as { type?: string; data?: number[] } | null;
  return bytes?.type === 'Buffer' ? Buffer.from(bytes.data ?? []).toString('latin1') : value;
};
