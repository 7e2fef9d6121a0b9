/** Documents of all databases, in memory, with their recent past: reads at a time are exact, commits are atomic. */
import { type Equality, EqualityIndex } from './equality-index.ts';
import { parentOf } from './paths.ts';
import { apply, type Document, nameOf, type Write, type WriteResult } from './writes.ts';

/** Seconds that the past stays readable (the real service: an hour). No transaction lives longer. */
export const HISTORY_SECONDS = 270;

interface Version {
  /** From when on; microseconds. */
  readonly at: number;
  /** Absent: deleted. */
  readonly document: Document | undefined;
}

export class Store {
  /** By collection name, then by document name; oldest version first. */
  readonly #collections = new Map<string, Map<string, Version[]>>();
  /** One entry per version that is no longer the newest of its document, in the order in which that came. */
  readonly #superseded: { readonly at: number; readonly name: string }[] = [];
  /** Of the collections that were asked for an equality. */
  readonly #indexes = new Map<string, EqualityIndex>();
  #lastTime = 0;
  #ahead = 0;

  /** The database's own time in microseconds: every call gives a later one. */
  now(): number {
    // Real microseconds, so that a caller who keeps only milliseconds is found out.
    const micros = Date.now() * 1000 + (Math.floor(performance.now() * 1000) % 1000);
    this.#lastTime = Math.max(this.#lastTime + 1, micros + this.#ahead);
    return this.#lastTime;
  }

  /** Lets the database's own time run ahead of the machine's. */
  advance(milliseconds: number): void {
    this.#ahead += milliseconds * 1000;
  }

  read(name: string, at: number): Document | undefined {
    return this.#versions(name).findLast((version) => version.at <= at)?.document;
  }

  /** When the document last changed; 0 where it never did in recorded history. */
  changedAt(name: string): number {
    return this.#versions(name).at(-1)?.at ?? 0;
  }

  /** The documents of one collection, unordered. */
  *list(collection: string, at: number): Generator<Document> {
    for (const name of this.#collections.get(collection)?.keys() ?? []) {
      const document = this.read(name, at);
      if (document) yield document;
    }
  }

  /** Those documents of one collection for which all equalities may hold; one at least. Unordered. */
  *listSome(collection: string, equalities: readonly Equality[], at: number): Generator<Document> {
    const index = this.#indexes.get(collection) ?? new EqualityIndex();
    this.#indexes.set(collection, index);
    for (const name of index.candidates(equalities, () => this.#allVersions(collection))) {
      const document = this.read(name, at);
      if (document) yield document;
    }
  }

  /** The names of all collections below a document or a database's root, however deep, that hold a document. */
  *collectionsBelow(parent: string, at: number): Generator<string> {
    for (const collection of this.#collections.keys()) {
      if (collection.startsWith(`${parent}/`) && !this.list(collection, at).next().done) yield collection;
    }
  }

  *everything(): Generator<Document> {
    const at = this.now();
    for (const collection of this.#collections.keys()) yield* this.list(collection, at);
  }

  /** All writes in their order, or none. A document may be written more than once. */
  commit(writes: readonly Write[]): { time: number; results: WriteResult[] } {
    const time = this.now();
    const written = new Map<string, Document | undefined>();
    const results = writes.map((write) => {
      const name = nameOf(write);
      const current = written.has(name) ? written.get(name) : this.read(name, time);
      const { document, result } = apply(write, current, time);
      written.set(name, document);
      return result;
    });
    for (const [name, document] of written) {
      if (document !== this.read(name, time)) this.#append(name, { at: time, document });
    }
    this.#forget(time - HISTORY_SECONDS * 1e6);
    return { time, results };
  }

  *#allVersions(collection: string): Generator<Document> {
    for (const versions of this.#collections.get(collection)?.values() ?? []) {
      for (const { document } of versions) if (document) yield document;
    }
  }

  #versions(name: string): Version[] {
    return this.#collections.get(parentOf(name))?.get(name) ?? [];
  }

  #append(name: string, version: Version): void {
    const versions = this.#versions(name);
    if (versions.length > 0) this.#superseded.push({ at: version.at, name });
    versions.push(version);
    if (version.document) this.#indexes.get(parentOf(name))?.add(version.document);
    const collection = this.#collections.get(parentOf(name)) ?? new Map<string, Version[]>();
    this.#collections.set(parentOf(name), collection.set(name, versions));
  }

  #forget(before: number): void {
    for (let next = this.#superseded[0]; next && next.at < before; next = this.#superseded[0]) {
      this.#superseded.shift();
      const versions = this.#versions(next.name);
      versions.shift();
      if (versions.length > 1 || versions[0]?.document) continue;
      const collection = this.#collections.get(parentOf(next.name));
      collection?.delete(next.name);
      if (collection?.size === 0) this.#collections.delete(parentOf(next.name));
    }
  }
}
