import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntegerIndex } from '../../src/events/integer-index.ts';

const edges = [0, 1, -1, 9, 10, -10, 2 ** 31 - 1, -(2 ** 31)];
const wideEdges = [...edges.map(BigInt), 2n ** 31n, 2n ** 32n, -(2n ** 63n), 2n ** 63n - 1n];
const narrow = fc.oneof(fc.constantFrom(...edges), fc.integer({ min: -20, max: 20 }), fc.integer());
const wide = fc.oneof(
  fc.constantFrom(...wideEdges),
  fc.bigInt({ min: -20n, max: 20n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

function index(values: readonly (number | bigint)[], typed: Int32Array | BigInt64Array): string[] {
  const integers = new IntegerIndex();
  const numbers = new Int32Array(values.length);
  const half = values.length >> 1;
  integers.add(typed.subarray(0, half), numbers, 0);
  integers.add(typed.subarray(half), numbers, half);
  const distinct = [...new Set(values)];
  expect([...numbers]).toEqual(values.map((value) => distinct.indexOf(value)));
  const all = Int32Array.from(distinct.keys());
  const { utf8, offsets } = integers.pack(all);
  const texts = Array.from(all, (number) => integers.text(number));
  expect(
    texts.map((_, at) => Buffer.from(utf8.subarray(offsets[at], offsets[at + 1])).toString('latin1')),
  ).toEqual(texts);
  return texts;
}

describe('IntegerIndex', () => {
  it('numbers integers of 32 and of 64 bits in order, and gives their text', () => {
    fc.assert(
      fc.property(
        fc.array(narrow, { maxLength: 200 }),
        fc.array(wide, { maxLength: 200 }),
        (some, others) => {
          expect(index(some, Int32Array.from(some))).toEqual([...new Set(some)].map(String));
          expect(index(others, BigInt64Array.from(others))).toEqual([...new Set(others)].map(String));
        },
      ),
    );
  });

  it('grows, and finds an integer in both types', () => {
    const integers = new IntegerIndex();
    const values = Int32Array.from({ length: 10_000 }, (_, at) => at * 1_000_003);
    const numbers = new Int32Array(values.length);
    integers.add(values, numbers, 0);
    expect(integers.length).toBe(10_000);
    integers.add(BigInt64Array.from(values, BigInt), numbers, 0);
    expect(integers.length).toBe(10_000);
    expect([...numbers]).toEqual([...values.keys()]);
    expect(integers.value(3)).toBe(values[3]);
  });
});
