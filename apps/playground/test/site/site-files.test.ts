import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type PackableSessions, packSessions, unpackSessions } from '../../src/site/site-files.ts';

/** Sessions from their items, a second after each other. */
function sessionsOf(lists: readonly (readonly number[])[], firstSecond = 1_700_000_000): PackableSessions {
  const ends = lists.map((_, session) => lists.slice(0, session + 1).flat().length);
  return {
    sessionOffsets: Int32Array.of(0, ...ends),
    items: Int32Array.from(lists.flat()),
    sessionStartTimes: Float64Array.from(lists, (_, session) => 1000 * (firstSecond + session)),
  };
}

it('packs the sessions of all splits into JSON, and returns them', () => {
  const split = fc.array(fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 30 }), { maxLength: 20 });
  fc.assert(
    fc.property(split, split, (train, test) => {
      const splits = { train: sessionsOf(train), test: sessionsOf(test, 1_800_000_000) };
      expect(unpackSessions(JSON.parse(packSessions(splits, 100)))).toEqual({ ...splits, itemCount: 100 });
    }),
  );
});

it('refuses another file', () => {
  expect(() => unpackSessions(JSON.parse('{"itemCount": 3}'))).toThrow(
    'expected a split "train", found none',
  );
});
