/**
 * What is stored of one kind: every id with the mark of its content. With it a run finds out what changed, and what
 * vanished, without reading the records. Ids keep their places: shards in their order, then the log, then what is new.
 */
export interface Shard {
  /** Number of the document. */
  readonly number: number;
  readonly entries: readonly (readonly [id: string, mark: string])[];
}

/** Entries of one shard: some 34 bytes each, well under a document's 1 MiB. */
export const SHARD_ENTRIES = 10_000;

/** No mark: nothing is stored under this id. */
export const GONE = '';

export class Manifest {
  readonly #places = new Map<string, number>();
  readonly #ids: string[] = [];
  readonly #marks: string[] = [];
  /** Of the first places; the others have none yet. */
  readonly #shards: number[] = [];
  readonly #changed = new Set<number>();
  #stored = 0;

  constructor(shards: readonly Shard[]) {
    for (const { number, entries } of shards) {
      for (const [id, mark] of entries) {
        this.#shards[this.#place(id)] = number;
        this.#mark(this.#place(id), mark);
      }
    }
  }

  /** Places, taken and emptied ones. */
  get size(): number {
    return this.#ids.length;
  }

  /** Records that are stored. */
  get stored(): number {
    return this.#stored;
  }

  /** @returns the id's place, a new one where it has none */
  #place(id: string): number {
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    this.#places.set(id, this.#ids.length);
    this.#marks.push(GONE);
    return this.#ids.push(id) - 1;
  }

  #mark(place: number, mark: string): void {
    this.#stored += Number(mark !== GONE) - Number(this.#marks[place] !== GONE);
    this.#marks[place] = mark;
  }

  place(id: string): number {
    return this.#place(id);
  }

  idAt(place: number): string {
    return this.#ids[place] ?? '';
  }

  markAt(place: number): string {
    return this.#marks[place] ?? GONE;
  }

  markOf(id: string): string {
    return this.markAt(this.#places.get(id) ?? -1);
  }

  /** What was written under an id, or `GONE`. */
  set(id: string, mark: string): void {
    const place = this.#place(id);
    if (this.#marks[place] === mark) return;
    this.#mark(place, mark);
    this.#changed.add(place);
  }

  /** The shards that differ from what is stored of them; new ids go to the last one, then to new ones. */
  changedShards(): Shard[] {
    const sizes = new Map<number, number>();
    for (const [place, number] of this.#shards.entries()) {
      if (number !== undefined && this.markAt(place) !== GONE) sizes.set(number, (sizes.get(number) ?? 0) + 1);
    }
    let last = Math.max(0, ...sizes.keys());
    const dirty = new Set<number>();
    for (const place of [...this.#changed].sort((a, b) => a - b)) {
      const own = this.#shards[place];
      if (own !== undefined) dirty.add(own);
      if (own !== undefined || this.markAt(place) === GONE) continue;
      if ((sizes.get(last) ?? 0) >= SHARD_ENTRIES) last += 1;
      sizes.set(last, (sizes.get(last) ?? 0) + 1);
      this.#shards[place] = last;
      dirty.add(last);
    }
    const entries = new Map<number, [string, string][]>([...dirty].map((number) => [number, []]));
    for (const [place, number] of this.#shards.entries()) {
      const mark = this.markAt(place);
      if (mark !== GONE) entries.get(number)?.push([this.idAt(place), mark]);
    }
    return [...entries].map(([number, each]) => ({ number, entries: each })).sort((a, b) => a.number - b.number);
  }
}

/** A set of places, small enough to stand in the run's checkpoint: 25 kB for 200,000. */
export class Places {
  #bits: Uint8Array;

  constructor(bits: Uint8Array = new Uint8Array()) {
    this.#bits = Uint8Array.from(bits);
  }

  has(place: number): boolean {
    return ((this.#bits[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;
  }

  add(place: number): void {
    const byte = place >> 3;
    if (byte >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(byte + 1, this.#bits.length * 2));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    this.#bits[byte] = (this.#bits[byte] ?? 0) | (1 << (place & 7));
  }

  clear(): void {
    this.#bits = new Uint8Array();
  }

  /** Those below `size`. */
  bytes(size: number): Uint8Array {
    const bytes = this.#bits.slice(0, Math.ceil(size / 8));
    const rest = size & 7;
    if (rest !== 0 && bytes.length === Math.ceil(size / 8)) {
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) & ((1 << rest) - 1);
    }
    return bytes;
  }
}
