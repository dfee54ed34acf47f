import { describe, expect, it } from 'vitest';
import { countRecentClicks } from '../../src/training/latest-sessions.ts';
import { inBlocks, tinyData } from '../tiny-data.ts';

/** 100,000 sessions of two clicks; session s starts at time order(s) and clicks on items s mod 10 and 10. */
function manySessions(order: (session: number) => number) {
  const sessions = 100_000;
  return {
    itemIds: Array.from({ length: 11 }, (_, item) => `${item}`),
    support: new Int32Array(11),
    train: {
      sessionOffsets: Int32Array.from({ length: sessions + 1 }, (_, session) => 2 * session),
      items: Int32Array.from({ length: 2 * sessions }, (_, event) => (event % 2 ? 10 : (event / 2) % 10)),
      sessionStartTimes: Float64Array.from({ length: sessions }, (_, session) => order(session)),
    },
  };
}

describe('countRecentClicks', () => {
  it('counts all clicks of a small dataset', async () => {
    const data = tinyData();
    expect(await countRecentClicks(data)).toEqual(Float32Array.from(data.support));
  });

  it('counts the 50,000 clicks of the sessions that started last', async () => {
    const clicks = await countRecentClicks(manySessions((session) => session));
    expect(clicks).toEqual(Float32Array.of(...Array(10).fill(2500), 25_000));
  });

  it('takes sessions by their time, not their place', async () => {
    const data = manySessions((session) => -session);
    data.train.items.fill(3, 0, 50_000);
    expect((await countRecentClicks(data))[3]).toBe(50_000);
  });

  it.each([
    [12_500, [7, 6]],
    [20_000, [4, 3]],
    [100_000, [0]],
  ])('counts the same clicks of sessions on disk, in blocks of %i sessions', async (perBlock, blocks) => {
    const read: number[] = [];
    const { onDisk, inMemory } = inBlocks(
      manySessions((session) => session),
      perBlock,
      (block) => {
        read.push(block);
      },
    );
    expect(await countRecentClicks(onDisk)).toEqual(await countRecentClicks(inMemory));
    expect(read).toEqual(blocks);
  });
});
