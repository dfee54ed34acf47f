import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, type Batcher, SessionParallelBatcher, StreamedBatcher } from '../src/index.ts';
import { distinctSessions, toArrays, toBlocks } from './sessions.ts';

/** Copies of the remaining batches of the epoch. */
async function drain(batcher: Batcher): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (;;) {
    await batcher.fill();
    const batch = batcher.next();
    if (!batch) return batches;
    batches.push(structuredClone(batch));
  }
}

/** Two batchers over the same sessions, in memory and in blocks. */
const bothOf = fc
  .record({
    sessions: distinctSessions,
    perBlock: fc.integer({ min: 1, max: 4 }),
    // More than 16 blocks in some cases.
    times: fc.constantFrom(1, 1, 6),
    batchSize: fc.integer({ min: 1, max: 8 }),
    least: fc.integer({ min: 1, max: 2 }),
    contextWidth: fc.constantFrom(0, 2),
    order: fc.constantFrom('time' as const, 'stored' as const, 'shuffled' as const),
    epoch: fc.nat({ max: 3 }),
  })
  .map(({ sessions: some, times, perBlock, least, epoch, contextWidth, ...options }) => {
    const sessions = Array.from({ length: times }, () => some).flat();
    const data = toBlocks(sessions, perBlock, undefined, contextWidth);
    const slots = { ...options, minLiveSlots: Math.min(least, options.batchSize), seed: 5 };
    const sessionStartTimes = sessions.map((_, session) => session >> 1);
    const inMemory = { ...toArrays(sessions, contextWidth), sessionStartTimes, blocks: data.blocks };
    return {
      epoch,
      streamed: () => new StreamedBatcher({ ...slots, data }),
      whole: () => new SessionParallelBatcher({ ...slots, ...inMemory }),
    };
  });

const run = (property: fc.IAsyncProperty<unknown>) => fc.assert(property, { seed: 30, numRuns: 200 });

describe('StreamedBatcher', () => {
  it('makes the batches of the same sessions in memory', async () => {
    await run(
      fc.asyncProperty(bothOf, async ({ epoch, streamed, whole }) => {
        const [got, expected] = [streamed(), whole()];
        expected.startEpoch(epoch);
        await got.startEpoch(epoch);
        expect(got.eventsPerEpoch).toBe(expected.eventsPerEpoch);
        expect(await drain(got)).toEqual(await drain(expected));
        expect(got.skippedSessions).toBe(expected.skippedSessions);
        expect(got.usedSessions).toBe(expected.usedSessions);
      }),
    );
  });

  it('has the positions of sessions in memory, and restores each of them', async () => {
    await run(
      fc.asyncProperty(bothOf, fc.nat({ max: 20 }), async ({ epoch, streamed, whole }, at) => {
        const [got, expected, again] = [streamed(), whole(), streamed()];
        expected.startEpoch(epoch);
        await got.startEpoch(epoch);
        for (let step = 0; step < at; step++) {
          await got.fill();
          got.next();
          expected.next();
        }
        expect(got.position()).toEqual(expected.position());
        await again.restore(JSON.parse(JSON.stringify(expected.position())));
        expect(again.position()).toEqual(expected.position());
        expect(again.eventsPerEpoch).toBe(expected.eventsPerEpoch);
        expect(await drain(again)).toEqual(await drain(expected));
      }),
    );
  });

  it('makes the same batches with a slow reader, and can restart epochs in the middle', async () => {
    const sessions = Array.from({ length: 60 }, (_, s) =>
      [10 * s, 10 * s + 1, 10 * s + 2].slice(0, 2 + (s % 2)),
    );
    const options = { batchSize: 4, order: 'shuffled', seed: 1 } as const;
    const slow = async () => {
      for (let turn = 0; turn < 3; turn++) await setImmediate();
    };
    const [quick, late] = [toBlocks(sessions, 2), toBlocks(sessions, 2, slow)].map(
      (data) => new StreamedBatcher({ ...options, data }),
    );
    await quick.startEpoch(1);
    await late.startEpoch(0);
    late.next();
    await late.startEpoch(1);
    expect(await drain(late)).toEqual(await drain(quick));
  });

  it.each([
    ['stored', 1],
    ['shuffled', 16],
  ] as const)('holds two windows at most, order %s', async (order, window) => {
    const perBlock = 3;
    const sessions = Array.from({ length: 300 }, (_, s) => [2 * s, 2 * s + 1]);
    let read = 0;
    const data = toBlocks(sessions, perBlock, () => void read++);
    const batcher = new StreamedBatcher({ data, batchSize: 2, order, seed: 1 });
    await batcher.startEpoch(0);
    for (let taken = 2; ; taken = batcher.position().nextSession) {
      // All reads in progress have then finished.
      for (let turn = 0; turn < 50; turn++) await setImmediate();
      const usedUp = Math.floor(taken / (window * perBlock));
      expect(read).toBeLessThanOrEqual((usedUp + 2) * window);
      await batcher.fill();
      if (!batcher.next()) break;
    }
    expect(read).toBe(100);
  });

  it('reads ahead, so that a step waits for nothing', async () => {
    const data = toBlocks(
      Array.from({ length: 40 }, (_, s) => [2 * s, 2 * s + 1]),
      10,
    );
    const batcher = new StreamedBatcher({ data, batchSize: 2, order: 'stored' });
    await batcher.startEpoch(0);
    const waits: number[] = [];
    for (let step = 0; ; step++) {
      if (batcher.fill()) waits.push(step);
      await setImmediate();
      if (!batcher.next()) break;
    }
    expect(waits).toEqual([]);
  });

  it('reports a failed read when the block is needed, not earlier', async () => {
    const sessions = Array.from({ length: 40 }, (_, s) => [2 * s, 2 * s + 1]);
    const data = toBlocks(sessions, 4, (block) => {
      if (block === 5) throw new Error('cut short');
    });
    const batcher = new StreamedBatcher({ data, batchSize: 3, order: 'stored' });
    await batcher.startEpoch(0);
    const fed: number[] = [];
    const rest = async () => {
      for (;;) {
        await batcher.fill();
        fed.push(...(batcher.next()?.input ?? []));
      }
    };
    await expect(rest()).rejects.toThrow('cut short');
    expect(fed).toEqual(sessions.slice(0, fed.length).map(([first]) => first));
    expect(fed.length).toBeGreaterThan(8);
    await expect(batcher.fill()).rejects.toThrow('cut short');
  });

  it('refuses to continue without sessions in memory', async () => {
    const data = toBlocks([[0, 1]], 1);
    const batcher = new StreamedBatcher({ data, batchSize: 1, order: 'stored' });
    await batcher.restore({ epoch: 0, step: 0, nextSession: 0, slots: [{ session: 0, event: 0 }] });
    expect(() => batcher.next()).toThrow('"next" expected sessions in memory. Await fill() before it.');
  });

  it('refuses a block that differs from its counts', async () => {
    const data = toBlocks([[0, 1], [2, 3, 4], [5]], 3);
    const refused = (changed: object) => {
      const blocks = [{ ...data.blocks[0], ...changed }] as typeof data.blocks;
      return new StreamedBatcher({ data: { ...data, blocks }, batchSize: 1, order: 'stored' }).startEpoch(0);
    };
    await expect(refused({ sessions: 4 })).rejects.toThrow(
      'StreamedBatcher: block 0 expected 4 sessions as in the table of blocks, got 3.',
    );
    await expect(refused({ events: 5 })).rejects.toThrow('expected 5 events as in');
    await expect(refused({ sessionsWithPairs: 1 })).rejects.toThrow('expected 1 sessionsWithPairs as in');
    await expect(refused({ pairs: 2 })).rejects.toThrow('expected 2 pairs as in');
  });

  it('refuses a position of other sessions', async () => {
    const batcher = new StreamedBatcher({ data: toBlocks([[0, 1]], 1), batchSize: 1, order: 'stored' });
    const position = { epoch: 0, step: 0, nextSession: 1, slots: [{ session: 0, event: 0 }] };
    await expect(batcher.restore({ ...position, nextSession: 2 })).rejects.toThrow('"position.nextSession"');
    await expect(batcher.restore({ ...position, slots: [{ session: 0, event: 1 }] })).rejects.toThrow(
      '"position.slots[0].event" expected integer in [0, 0], got 1.',
    );
  });
});
