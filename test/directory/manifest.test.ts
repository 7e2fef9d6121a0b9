import { expect, test } from '@jest/globals';
import { GONE, Manifest, Places, SHARD_ENTRIES } from '../../functions/core/directory/manifest.ts';

const shard = (number: number, ids: readonly string[]) => ({
  number,
  entries: ids.map((id) => [id, `mark-${id}`] as const),
});

test('ids keep their places: shards in order, then the log, then what is new', () => {
  const manifest = new Manifest([shard(0, ['b', 'a']), shard(1, ['c'])]);
  manifest.set('d', 'mark-d');
  expect(['b', 'a', 'c', 'd', 'e'].map((id) => manifest.place(id))).toEqual([0, 1, 2, 3, 4]);
  expect(manifest.markOf('e')).toBe(GONE);
  expect(manifest.stored).toBe(4);
});

test('only shards that changed are written; what was removed leaves its shard', () => {
  const manifest = new Manifest([shard(0, ['a', 'b']), shard(1, ['c'])]);
  expect(manifest.changedShards()).toEqual([]);
  manifest.set('a', 'mark-a');
  expect(manifest.changedShards()).toEqual([]);
  manifest.set('a', 'other');
  expect(manifest.changedShards()).toEqual([
    {
      number: 0,
      entries: [
        ['a', 'other'],
        ['b', 'mark-b'],
      ],
    },
  ]);
  manifest.set('c', GONE);
  manifest.set('never', GONE);
  expect(manifest.changedShards().at(-1)).toEqual({ number: 1, entries: [] });
});

test('new ids fill the last shard, then begin another one', () => {
  const manifest = new Manifest([]);
  for (let n = 0; n <= SHARD_ENTRIES; n++) manifest.set(`id-${n}`, 'mark');
  expect(manifest.changedShards().map(({ number, entries }) => [number, entries.length])).toEqual([
    [0, SHARD_ENTRIES],
    [1, 1],
  ]);
});

test('a set of places keeps what is below a size, and nothing beyond', () => {
  const places = new Places();
  for (const place of [0, 7, 8, 9, 1000]) places.add(place);
  const kept = new Places(places.bytes(9));
  expect([0, 7, 8, 9, 1000].filter((place) => kept.has(place))).toEqual([0, 7, 8]);
  expect(places.bytes(0)).toEqual(new Uint8Array());
  places.clear();
  expect(places.has(7)).toBe(false);
});
