/** Which documents may hold a value: spares a query the walk over a whole collection. */
import { fieldPath, getField } from './paths.ts';
import type { Value } from './values.ts';
import type { Document } from './writes.ts';

export interface Equality {
  readonly path: string;
  /** A text: what is looked for here. */
  readonly value: Extract<Value, { readonly valueType: 'stringValue' }>;
}

export class EqualityIndex {
  /** By path, then by text: the names of documents that hold it, or held it in some version. */
  readonly #names = new Map<string, Map<string, Set<string>>>();

  /** To be called with every new version of every document. */
  add(document: Document): void {
    for (const [path, byText] of this.#names) note(byText, path, document);
  }

  /** Of all equalities that must hold, the names under the rarest; some may not fit any more. */
  candidates(equalities: readonly Equality[], versions: () => Iterable<Document>): ReadonlySet<string> {
    const found = equalities.map(({ path, value }) => {
      const byText = this.#names.get(path) ?? this.#build(path, versions());
      return byText.get(value.stringValue) ?? new Set<string>();
    });
    return found.reduce((rarest, each) => (each.size < rarest.size ? each : rarest));
  }

  #build(path: string, documents: Iterable<Document>): Map<string, Set<string>> {
    const byText = new Map<string, Set<string>>();
    for (const document of documents) note(byText, path, document);
    this.#names.set(path, byText);
    return byText;
  }
}

const note = (byText: Map<string, Set<string>>, path: string, { name, fields }: Document): void => {
  const value = getField(fields, fieldPath(path));
  if (value?.valueType !== 'stringValue') return;
  const names = byText.get(value.stringValue);
  if (names) names.add(name);
  else byText.set(value.stringValue, new Set([name]));
};
