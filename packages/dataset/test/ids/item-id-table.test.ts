import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfSipHash, ItemIdError, type ItemIds, ItemIdTable, type PackedIds } from '../../src/ids/index.ts';

/** Empty ids, ids with common prefixes or suffixes, characters of 1 to 4 bytes, and long ids. */
const itemId = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('a', 'b', '0', 'é', '€', '😀', '\0', '\uFEFF', '\uFFFD'), maxLength: 9 }),
  fc.tuple(fc.constantFrom('x', 'long id '), fc.nat({ max: 300 })).map(([text, times]) => text.repeat(times)),
);
const itemIds = fc.uniqueArray(itemId, { maxLength: 60 });

function packed(ids: readonly string[], lead = ''): PackedIds {
  const bytes = [lead, ...ids].map((id) => Buffer.from(id));
  let end = 0;
  return { utf8: Buffer.concat(bytes), offsets: Int32Array.from(bytes, ({ length }) => (end += length)) };
}

function faultOf(work: () => unknown): Pick<ItemIdError, 'fault' | 'index' | 'message'> {
  try {
    work();
  } catch (error) {
    if (error instanceof ItemIdError)
      return { fault: error.fault, index: error.index, message: error.message };
    throw error;
  }
  throw new Error('no ItemIdError was thrown');
}

/** Compares a table with an array, the oracle. */
function expectSame(table: ItemIds, ids: readonly string[], others: readonly string[]): void {
  expect(table.length).toBe(ids.length);
  expect([...table]).toEqual(ids);
  for (const [index, id] of ids.entries()) {
    expect(table.at(index)).toBe(id);
    expect(table.indexOf(id)).toBe(index);
  }
  for (const id of others) expect(table.indexOf(id)).toBe(ids.indexOf(id));
}

describe('ItemIdTable', () => {
  it('finds what an array finds, whether built from strings, bytes or both', () => {
    fc.assert(
      fc.property(itemIds, fc.array(itemId), itemId, fc.nat({ max: 60 }), (ids, others, lead, cut) => {
        expectSame(ItemIdTable.from(ids), ids, others);
        expectSame(ItemIdTable.from(ItemIdTable.from(ids)), ids, others);
        const whole = new ItemIdTable();
        whole.append(packed(ids, lead));
        expectSame(whole, ids, others);
        const pieces = new ItemIdTable({ items: ids.length, bytes: 5 });
        for (const id of ids.slice(0, cut)) expect(pieces.add(id)).toBe(ids.indexOf(id));
        pieces.append(packed(ids.slice(cut)));
        expectSame(pieces, ids, others);
        expect({ ...pieces.packed, utf8: Buffer.from(pieces.packed.utf8) }).toEqual(packed(ids));
      }),
      { seed: 8 },
    );
  });

  it('reads indices and bounds as an array does', () => {
    const bound = fc.oneof(
      fc.integer({ min: -9, max: 9 }),
      fc.constantFrom(0.5, -1.5, Number.NaN, Infinity, -Infinity),
    );
    fc.assert(
      fc.property(fc.uniqueArray(itemId, { maxLength: 6 }), bound, bound, (ids, start, end) => {
        const table = ItemIdTable.from(ids);
        expect(table.at(start)).toBe(ids.at(start));
        expect(table.slice(start, end)).toEqual(ids.slice(start, end));
        expect(table.slice(start)).toEqual(ids.slice(start));
        expect(table.slice()).toEqual(ids);
      }),
      { seed: 8 },
    );
  });

  it('adds an id once', () => {
    fc.assert(
      fc.property(fc.array(itemId, { maxLength: 60 }), (ids) => {
        const table = new ItemIdTable();
        const indices = new Map<string, number>();
        for (const id of ids) {
          if (!indices.has(id)) indices.set(id, indices.size);
          expect(table.add(id)).toBe(indices.get(id));
        }
        expect([...table]).toEqual([...indices.keys()]);
      }),
      { seed: 8 },
    );
  });

  it('finds 200,000 ids without one object per item', () => {
    // Enough ids that many collide in a slot and about five pairs have equal hashes.
    const idOf = (item: number): string => `item ${item * 7919}`;
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    collect();
    const before = process.memoryUsage().heapUsed;
    const table = new ItemIdTable();
    for (let item = 0; item < 200_000; item++) table.add(idOf(item));
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2e6);
    let found = 0;
    for (let item = 0; item < 200_000; item++) found += Number(table.indexOf(idOf(item)) === item);
    for (let item = 0; item < 200_000; item++)
      found += Number(table.indexOf(`item ${item * 7919 + 1}`) === -1);
    expect(found).toBe(400_000);
  });

  it('makes a table only of ids that are not one', () => {
    const table = ItemIdTable.from(['a']);
    expect(ItemIdTable.of(table)).toBe(table);
    expect([...ItemIdTable.of(['a', 'b'])]).toEqual(['a', 'b']);
    expect(ItemIdTable.from(table)).not.toBe(table);
  });

  it('refuses a lone surrogate and values that are not strings', () => {
    const table = ItemIdTable.from(['\uFFFD', '']);
    expect(table.indexOf('\uD83D')).toBe(-1);
    expect(table.indexOf(undefined as unknown as string)).toBe(-1);
    expect(() => table.add(7 as unknown as string)).toThrow(
      new TypeError('ItemIdTable: "itemId" expected a string, got 7, at index 2'),
    );
    expect(faultOf(() => ItemIdTable.from(['a', '\uD83D!']))).toEqual({
      fault: 'not-text',
      index: 1,
      message: 'ItemIdTable: "itemId" expected UTF-8, got a lone surrogate in "\\ud83d!", at index 1',
    });
  });

  it('refuses repeated ids', () => {
    const message = 'ItemIdTable: "itemId" expected unique ids, got "b" twice, at index 2';
    const repeated = { fault: 'repeated', index: 2, message };
    expect(faultOf(() => ItemIdTable.from(['a', 'b', 'b']))).toEqual(repeated);
    expect(faultOf(() => ItemIdTable.from(['a', 'b']).append(packed(['b'], 'lead')))).toEqual(repeated);
    const long = 'x'.repeat(200);
    expect(() => ItemIdTable.from([long, long])).toThrow(`got "${'x'.repeat(99)}… twice, at index 1`);
  });

  it('refuses more bytes than int32 offsets address', () => {
    const utf8 = Buffer.alloc(2 ** 31 - 1);
    expect(
      faultOf(() => ItemIdTable.from(['first']).append({ utf8, offsets: Int32Array.of(0, utf8.length) })),
    ).toEqual({
      fault: 'full',
      index: 1,
      message: 'ItemIdTable: "itemId" expected less than 2 GiB of ids, got more, at index 1',
    });
  });

  it.each([
    ['invalid UTF-8', [0x61, 0xff], [0, 1, 2], { fault: 'not-text', index: 2 }],
    ['half a character', [...Buffer.from('é')], [0, 1, 2], { fault: 'not-text', index: 1 }],
    ['decreasing offsets', [0x61, 0x62], [0, 2, 1], { fault: 'offsets', index: 2 }],
    ['offsets before the bytes', [0x61, 0x62], [-1, 1], { fault: 'offsets', index: 1 }],
    ['offsets past the bytes', [0x61, 0x62], [0, 3], { fault: 'offsets', index: 1 }],
  ])('refuses %s', (_, utf8, offsets, expected) => {
    const table = ItemIdTable.from(['first']);
    const ids = { utf8: Uint8Array.from(utf8), offsets: Int32Array.from(offsets) };
    expect(faultOf(() => table.append(ids))).toMatchObject(expected);
    expect([...table]).toEqual(['first']);
  });
});

describe('ItemIdTable.open', () => {
  it('finds in another thread what the shared table has', () => {
    fc.assert(
      fc.property(itemIds, itemId, (ids, other) => {
        const table = ItemIdTable.from(ids);
        // As a message to a thread copies it.
        const opened = ItemIdTable.open(structuredClone(table.share()));
        expect([...opened]).toEqual(ids);
        for (const id of [...ids, other]) expect(opened.indexOf(id)).toBe(table.indexOf(id));
      }),
    );
  });

  it('uses the memory of the shared table', () => {
    const shared = ItemIdTable.from(['a', 'b']).share();
    const opened = ItemIdTable.open(shared);
    expect(opened.packed.utf8.buffer).toBe(shared.utf8.buffer);
    expect(opened.packed.offsets.buffer).toBe(shared.offsets.buffer);
  });
});

describe('halfSipHash', () => {
  it('matches the known answers of HalfSipHash-1-3', () => {
    // Bytes 0, 1, 2, … under the key 0, 1, …, 7, from Linux, lib/tests/siphash_kunit.c.
    const known = [
      0x5814c896, 0xe7e864ca, 0xbc4b0e30, 0x01539939, 0x7e059ea6, 0x88e3d89b, 0xa0080b65, 0x9d38d9d6,
      0x577999b1, 0xc839caed, 0xe4fa32cf, 0x959246ee, 0x6b28096c, 0x66dd9cd6, 0x16658a7c, 0xd0257b04,
      0x8b31d501,
    ];
    const key = Int32Array.of(0x03020100, 0x07060504);
    const bytes = Uint8Array.from({ length: 20 }, (_, index) => index - 3);
    const hashes = known.map((_, length) => halfSipHash(bytes, 3, 3 + length, key) >>> 0);
    expect(hashes).toEqual(known);
  });
});
