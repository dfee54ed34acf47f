import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countTrending } from '../../src/training/trending.ts';

const HOUR_MS = 3_600_000;
const START_MS = 1.5e12;

interface Click {
  readonly item: number;
  readonly timeMs: number;
}

function dataOf(sessions: readonly (readonly Click[])[], items = 60) {
  let end = 0;
  const clicks = sessions.flat();
  return {
    itemIds: Array.from({ length: items }, (_, item) => `${item}`),
    train: {
      sessionOffsets: Int32Array.from([0, ...sessions.map(({ length }) => (end += length))]),
      items: Int32Array.from(clicks, ({ item }) => item),
      times: BigInt64Array.from(clicks, ({ timeMs }) => BigInt(timeMs)),
      sessionStartTimes: Float64Array.from(sessions, ([first]) => first!.timeMs),
    },
  };
}

/** A session of two clicks per minute, on items by the hour. */
const sessionsBy = (itemOf: (hour: number, session: number) => number) =>
  Array.from({ length: 4000 }, (_, session) =>
    [0, 1].map((at) => {
      const timeMs = START_MS + session * 60_000 + at;
      return { item: itemOf(Math.floor((session * 60_000) / HOUR_MS), session + at), timeMs };
    }),
  );

describe('countTrending', () => {
  it('is the definition: each item once per session, with the weight of its age', async () => {
    const click = fc.record({ item: fc.nat(5), timeMs: fc.integer({ min: 0, max: 90 * HOUR_MS }) });
    const session = fc.array(click, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(session, { minLength: 1, maxLength: 9 }), async (sessions) => {
        const { clicks, halfLifeMs, lastMs } = (await countTrending(dataOf(sessions, 6)))!;
        // Too few sessions to fit to.
        expect(halfLifeMs).toBe(24 * HOUR_MS);
        const first = sessions.flatMap((all) =>
          all.filter(({ item }, at) => all.findIndex((one) => one.item === item) === at),
        );
        expect(lastMs).toBe(Math.max(...first.map(({ timeMs }) => timeMs)));
        for (const [item, count] of clicks.entries()) {
          const ages = first.filter((one) => one.item === item).map(({ timeMs }) => lastMs! - timeMs);
          expect(count).toBeCloseTo(
            ages.reduce((sum, age) => sum + 0.5 ** (age / halfLifeMs), 0),
            4,
          );
        }
      }),
    );
  });

  it.each([
    ['of news, an hour', (hour: number, at: number) => (7 * hour + (at % 7)) % 2000, 1],
    ['of a shop, four weeks', (_: number, at: number) => at % 10, 28 * 24],
  ])('fits the half-life to the first clicks of the latest sessions: %s', async (_, itemOf, hours) => {
    const { halfLifeMs } = (await countTrending(dataOf(sessionsBy(itemOf), 2000)))!;
    expect(halfLifeMs).toBe(hours * HOUR_MS);
  });

  it('counts the same from blocks on disk, and nothing without times', async () => {
    const sessions = sessionsBy((hour, at) => 7 * hour + (at % 7));
    const data = dataOf(sessions, 2000);
    const blocks = [0, 1, 2, 3].map((block) =>
      dataOf(sessions.slice(1000 * block, 1000 * (block + 1)), 2000),
    );
    const onDisk = {
      checksum: 'c',
      inTimeOrder: true,
      blocks: blocks.map(() => ({ sessions: 1000, sessionsWithPairs: 1000, events: 2000, pairs: 1000 })),
      read: async (index: number) => blocks[index]!.train,
    };
    expect(await countTrending({ ...data, train: onDisk })).toEqual(await countTrending(data));
    const { times: _, ...untimed } = data.train;
    expect(await countTrending({ ...data, train: untimed })).toBeUndefined();
  });
});
