/** The directory as users search it: `DirectoryReader`. */
import { FieldPath, type Firestore } from '@google-cloud/firestore';
import type { Cursor, DirectoryReader } from '../../core/directory/ports.ts';
import type { DirectoryMember, Listed } from '../../core/directory/records.ts';
import { call } from './client.ts';
import { chunkRef, directoryRef, groupOf, SEARCHED, userOf } from './directory-documents.ts';

type Searched = 'users' | 'groups';
type Fields = { readonly id: string; get(field: string): unknown };

const recordOf: { readonly [K in Searched]: (fields: Fields) => Listed[K] } = { users: userOf, groups: groupOf };

export const firestoreDirectoryReader = (firestore: Firestore): DirectoryReader => ({
  search: async <K extends Searched>(
    tenant: string,
    kind: K,
    { key, after, limit }: { readonly key: string; readonly after?: Cursor; readonly limit: number },
  ) => {
    const ordered = directoryRef(firestore, tenant)
      .collection(kind)
      .where('keys', 'array-contains', key)
      .orderBy('sort')
      .orderBy(FieldPath.documentId())
      .select(...SEARCHED[kind]);
    const query = after ? ordered.startAfter(after.sort, after.id) : ordered;
    const found = await call(() => query.limit(limit).get());
    return found.docs.map((each) => {
      const fields: Fields = { id: each.id, get: (field) => each.get(field) };
      return { record: recordOf[kind](fields), cursor: { sort: String(each.get('sort')), id: each.id } };
    });
  },

  members: async (tenant, group, chunk) => {
    const directory = directoryRef(firestore, tenant);
    const [list, found] = await call(() =>
      firestore.getAll(chunkRef(directory, group, chunk), directory.collection('groups').doc(group)),
    );
    if (!found?.exists) return undefined;
    const members: unknown = list?.get('members');
    return Array.isArray(members) ? (members as DirectoryMember[]) : [];
  },
});
