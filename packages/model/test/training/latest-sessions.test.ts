import { tinySessions } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { countRecentClicks, holdOut, holdOutClicks } from '../../src/training/latest-sessions.ts';
import type { SessionsInMemory, SessionsOnDisk } from '../../src/training/training-data.ts';
import { inBlocks, tinyData } from '../tiny-data.ts';

const { itemIds, support, ...sessions } = tinySessions({ sessions: 200, items: 30, seed: 4 });
const { inMemory, onDisk } = inBlocks({ itemIds, support, train: sessions }, 37);

const sessionsOf = ({ sessionOffsets, items }: Pick<SessionsInMemory, 'sessionOffsets' | 'items'>) =>
  Array.from(sessionOffsets.subarray(1), (end, i) => [...items.subarray(sessionOffsets[i], end)]);
const all = sessionsOf(sessions);

describe('holdOut', () => {
  // 150 of 200 sessions end within a block of 37, 148 at the end of one.
  it.each([0.25, 0.26])('holds out the last sessions, the same ones on disk: %d', async (share) => {
    const kept = 200 - Math.round(share * 200);
    const memory = await holdOut(inMemory.train, share);
    const rest = memory?.rest as SessionsInMemory;
    expect(sessionsOf(rest)).toEqual(all.slice(0, kept));
    expect(rest.blocks?.reduce((sum, block) => sum + block.sessions, 0)).toBe(kept);
    expect(memory && sessionsOf(memory.sessions)).toEqual(all.slice(kept));

    const disk = await holdOut(onDisk.train, share);
    const stored = disk?.rest as SessionsOnDisk;
    const read = await Promise.all(stored.blocks.map((_, block) => stored.read(block)));
    expect(read.flatMap(sessionsOf)).toEqual(all.slice(0, kept));
    expect(stored.blocks.map((block) => block.sessions)).toEqual(rest.blocks?.map((block) => block.sessions));
    expect(disk && sessionsOf(disk.sessions)).toEqual(all.slice(kept));
    expect(stored.checksum).toBe(rest.checksum);
    expect(disk?.sessions.checksum).toBe(memory?.sessions.checksum);
  });

  it('holds out nothing if that are fewer sessions than are needed', async () => {
    const long = { sessionOffsets: Int32Array.of(0, 150, 300), items: new Int32Array(300) };
    const two = { ...long, sessionStartTimes: Float64Array.of(1, 2) };
    expect((await holdOut(two, 0.5))?.sessions.items).toHaveLength(150);
    expect(await holdOut(two, 0.5, 2)).toBeUndefined();
  });

  it('takes the sessions that started last, wherever they are stored', async () => {
    const reversed = { ...sessions, sessionStartTimes: sessions.sessionStartTimes.map((time) => -time) };
    const held = await holdOut(reversed, 0.25);
    expect(held && sessionsOf(held.sessions)).toEqual(all.slice(0, 50));
    expect(held && sessionsOf(held.rest as SessionsInMemory)).toEqual(all.slice(50));
  });

  it('holds out none if they have fewer than 100 clicks to predict', async () => {
    expect(await holdOut(inMemory.train, 0.1)).toBeUndefined();
    expect(await holdOut(onDisk.train, 0.1)).toBeUndefined();
  });
});

describe('holdOutClicks', () => {
  const pairsOf = (some: readonly (readonly number[])[]) =>
    some.reduce((sum, items) => sum + Math.max(0, items.length - 1), 0);

  it.each([
    ['besides few sessions', 0.25, 150],
    ['where there are too few sessions to measure on', 0.1, 200],
  ])(
    'holds out the last clicks of the sessions before, the same ones on disk: %s',
    async (_name, share, end) => {
      const held = await holdOutClicks(inMemory.train, await holdOut(inMemory.train, share));
      const first = end - Math.min(end, Math.floor(pairsOf(all.slice(0, end)) / 4));
      expect(first).toBeLessThan(end - 100);
      expect(held?.ended && sessionsOf(held.ended)).toEqual(all.slice(first, end));
      expect(held?.sessions && sessionsOf(held.sessions)).toEqual(end < 200 ? all.slice(end) : undefined);
      const rest = held?.rest as SessionsInMemory;
      const shortened = all.slice(first, end).map((items) => items.slice(0, Math.max(1, items.length - 1)));
      expect(sessionsOf(rest)).toEqual([...all.slice(0, first), ...shortened]);
      expect(held && sessionsOf(held.pairs)).toEqual([
        ...all.slice(first, end).map((items) => items.slice(-2)),
        ...all.slice(end),
      ]);
      expect(pairsOf(sessionsOf(rest)) + pairsOf(held ? sessionsOf(held.pairs) : [])).toBe(pairsOf(all));

      const disk = await holdOutClicks(onDisk.train, await holdOut(onDisk.train, share));
      const stored = disk?.rest as SessionsOnDisk;
      const read = await Promise.all(stored.blocks.map((_, block) => stored.read(block)));
      expect(read.flatMap(sessionsOf)).toEqual(sessionsOf(rest));
      expect(stored.blocks.map((block) => block.sessions)).toEqual(
        rest.blocks?.map((block) => block.sessions),
      );
      expect(stored.checksum).toBe(rest.checksum);
      for (const part of ['ended', 'pairs'] as const)
        expect(disk?.[part] && sessionsOf(disk[part])).toEqual(held?.[part] && sessionsOf(held[part]));
    },
  );

  it('leaves the other sessions whole where 300 sessions with 1,000 clicks to predict are held out', async () => {
    const many = tinySessions({ sessions: 700, items: 30, seed: 4 });
    const held = await holdOut(many, 0.5);
    expect(await holdOutClicks(many, held)).toEqual({ ...held, pairs: held?.sessions });
  });

  it('holds out no last clicks of fewer than 100 sessions', async () => {
    const long = { sessionOffsets: Int32Array.of(0, 150, 300), items: new Int32Array(300) };
    const two = { ...long, sessionStartTimes: Float64Array.of(1, 2) };
    const held = await holdOut(two, 0.5);
    expect(await holdOutClicks(two, held)).toEqual({ ...held, pairs: held?.sessions });
    expect(await holdOutClicks(two, undefined)).toBeUndefined();
  });
});

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
