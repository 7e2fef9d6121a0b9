/** Names of documents, and paths of fields inside a document. */
import { invalid } from '../rpc.ts';
import { type Fields, map, type Value } from './values.ts';

// --- Documents: projects/{project}/databases/{database}/documents/{collection}/{id}/... ---------------------------

/** @returns the database's name of anything inside it */
export const databaseOf = (name: string): string => name.split('/').slice(0, 4).join('/');

/** @returns the collection's (or, of a collection, the document's) name */
export const parentOf = (name: string): string => name.slice(0, name.lastIndexOf('/'));

export const lastIdOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

const checkName = (name: string, database: string): string[] => {
  if (!/^projects\/[^/]+\/databases\/[^/]+$/.test(database)) throw invalid(`"${database}" is not a database's name.`);
  const [, ...ids] = name.startsWith(`${database}/documents`) ? name.slice(database.length + 1).split('/') : [];
  if (!`${name}/`.startsWith(`${database}/documents/`)) throw invalid(`"${name}" is not in "${database}".`);
  for (const id of ids) {
    if (id === '' || id === '.' || id === '..') throw invalid(`Resource id "${id}" is invalid.`);
    if (/^__.*__$/.test(id)) throw invalid(`Resource id "${id}" is invalid because it is reserved.`);
    if (Buffer.byteLength(id) > 1500) throw invalid('A resource id is longer than 1500 bytes.');
  }
  return ids;
};

/** @returns the name, if it is a document's in this database */
export const documentName = (name: string, database = databaseOf(name)): string => {
  const ids = checkName(name, database);
  if (ids.length === 0 || ids.length % 2 === 1) throw invalid(`"${name}" is not a document's name.`);
  return name;
};

/** @returns the name, if collections can stand under it: a document's, or the database's root `.../documents` */
export const collectionParent = (name: string): string => {
  if (checkName(name, databaseOf(name)).length % 2 === 1) throw invalid(`"${name}" cannot hold collections.`);
  return name;
};

// --- Fields: simple names joined by dots; others quoted by backticks ------------------------------------------------

export const NAME_PATH = '__name__';

const parsed = new Map<string, readonly string[]>();

/** @returns the names of the fields to walk */
export const fieldPath = (path: string): readonly string[] => {
  const known = parsed.get(path);
  if (known) return known;
  const name = /(?:`((?:[^`\\]|\\.)+)`|([A-Za-z_][A-Za-z_0-9]*))(\.(?=.)|$)/y;
  const names: string[] = [];
  for (let match = name.exec(path); match; match = name.exec(path)) {
    names.push(match[2] ?? (match[1] as string).replace(/\\(.)/g, '$1'));
    if (name.lastIndex === path.length) {
      // Queries ask for few paths, of very many documents.
      if (parsed.size < 1_000) parsed.set(path, names);
      return names;
    }
  }
  throw invalid(`"${path}" is not a field path.`);
};

const own = (fields: Fields, name: string): Value | undefined =>
  Object.hasOwn(fields, name) ? fields[name] : undefined;

export const getField = (fields: Fields, path: readonly string[]): Value | undefined => {
  if (path.length === 1) return own(fields, path[0] ?? '');
  const [name = '', ...rest] = path;
  const value = own(fields, name);
  if (rest.length === 0) return value;
  return value?.valueType === 'mapValue' ? getField(value.mapValue.fields, rest) : undefined;
};

/** @returns a copy with this field set, or removed where `value` is undefined */
export const withField = (fields: Fields, path: readonly string[], value: Value | undefined): Fields => {
  const [name = '', ...rest] = path;
  const { [name]: _, ...others } = fields;
  if (rest.length === 0) return value === undefined ? others : { ...others, [name]: value };
  const present = own(fields, name);
  const inner = present?.valueType === 'mapValue' ? present.mapValue.fields : undefined;
  if (inner === undefined && value === undefined) return fields;
  return { ...others, [name]: map(withField(inner ?? {}, rest, value)) };
};

/** @returns only these fields; all where no path is given, as in `DocumentMask` and `Projection` */
export const project = (fields: Fields, paths: readonly string[]): Fields =>
  paths.length === 0
    ? fields
    : paths
        .filter((path) => path !== NAME_PATH)
        .map(fieldPath)
        .reduce<Fields>((kept, path) => withField(kept, path, getField(fields, path)), {});
