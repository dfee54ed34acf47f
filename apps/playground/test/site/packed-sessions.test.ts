import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PackableSessions, packSessions, unpackSessions } from '../../src/site/packed-sessions.ts';

/** Sessions from their items, a second after each other. */
function sessionsOf(lists: readonly (readonly number[])[], firstSecond = 1_700_000_000): PackableSessions {
  const sessionOffsets = new Int32Array(lists.length + 1);
  lists.forEach((list, session) => {
    sessionOffsets[session + 1] = (sessionOffsets[session] ?? 0) + list.length;
  });
  return {
    sessionOffsets,
    items: Int32Array.from(lists.flat()),
    sessionStartTimes: Float64Array.from(lists, (_, session) => 1000 * (firstSecond + session)),
  };
}

describe('packSessions', () => {
  it('returns the sessions of all splits', () => {
    const items = fc.integer({ min: 1, max: 100_000 });
    const splits = (itemCount: number) =>
      fc.array(fc.array(fc.nat({ max: itemCount - 1 }), { minLength: 1, maxLength: 300 }), { maxLength: 20 });
    const cases = items.chain((itemCount) =>
      fc.tuple(fc.constant(itemCount), splits(itemCount), splits(itemCount)),
    );
    fc.assert(
      fc.property(cases, ([itemCount, train, test]) => {
        const packable = { train: sessionsOf(train), test: sessionsOf(test, 1_800_000_000) };
        expect(unpackSessions(packSessions(packable, itemCount))).toEqual({ ...packable, itemCount });
      }),
      { numRuns: 50 },
    );
  });

  it('takes 7 bytes for a session of two clicks on one of 200 items, beside the header', () => {
    const sessions = (n: number) => sessionsOf(Array.from({ length: n }, () => [7, 9]));
    const size = (n: number) => packSessions({ train: sessions(n) }, 200).length;
    expect(Math.abs(size(3000) - size(1000) - 7 * 2000)).toBeLessThan(12);
  });

  it('reads bytes that start anywhere in a buffer', () => {
    const packed = packSessions({ train: sessionsOf([[1, 2]]) }, 3);
    const shifted = new Uint8Array(packed.length + 1);
    shifted.set(packed, 1);
    expect(unpackSessions(shifted.subarray(1))).toEqual(unpackSessions(packed));
  });

  it('refuses times that do not fit', () => {
    const sessions = { ...sessionsOf([[0], [0]]), sessionStartTimes: Float64Array.of(0, 1000 * 2 ** 32) };
    expect(() => packSessions({ train: sessions }, 1)).toThrow('within 136 years');
  });
});

describe('unpackSessions', () => {
  const packed = packSessions(
    {
      train: sessionsOf([
        [1, 2],
        [0, 1, 2],
      ]),
    },
    3,
  );

  it.each([
    ['another file', new TextEncoder().encode('<!doctype html><title>Not found</title>'), 'another file'],
    ['an empty file', new Uint8Array(), 'another file'],
    ['a truncated file', packed.slice(0, -4), 'bytes at least'],
    ['a file with more behind it', Uint8Array.from([...packed, 0, 0, 0, 0]), 'bytes, got'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => unpackSessions(bytes as Uint8Array<ArrayBuffer>)).toThrow(message);
  });

  it('refuses an item that there is not, and lengths that do not add up', () => {
    const item = packed.slice();
    item[item.length - 4] = 200;
    expect(() => unpackSessions(item)).toThrow('"train" is damaged');
    const length = packed.slice();
    length[length.length - 12] = 3;
    expect(() => unpackSessions(length)).toThrow('"train" is damaged');
  });

  it('refuses another version, and says what to do', () => {
    const text = new TextDecoder('latin1').decode(packed).replace('"version":1', '"version":2');
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    expect(() => unpackSessions(bytes)).toThrow('expected version 1, got 2. Make the site again.');
  });

  it('never takes a damaged byte for other items than there are', () => {
    fc.assert(
      fc.property(fc.nat({ max: packed.length - 1 }), fc.nat({ max: 255 }), (at, value) => {
        const bytes = packed.slice();
        bytes[at] = value;
        try {
          const { train, itemCount } = unpackSessions(bytes);
          expect(train.items.every((item) => item >= 0 && item < itemCount)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
