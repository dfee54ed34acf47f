import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, SessionParallelBatcher } from '../src/index.ts';
import { closingUpBatches } from './closing-up-oracle.ts';
import { distinctSessions, toArrays } from './sessions.ts';

/** Copies of the remaining batches of the epoch. */
function drain(batcher: SessionParallelBatcher): Batch[] {
  const batches: Batch[] = [];
  for (let batch = batcher.next(); batch !== undefined; batch = batcher.next()) {
    batches.push(structuredClone(batch));
  }
  return batches;
}

/** 'input>target' of the live slots, in slot order. */
function pairs(batch: Batch): string[] {
  return Array.from(batch.input, (input, slot) => `${input}>${batch.target[slot]}`).filter(
    (_, slot) => batch.live[slot] === 1,
  );
}

function pairsOfSession(session: readonly number[]): string[] {
  return session.slice(1).map((target, event) => `${session[event]}>${target}`);
}

const slots = fc.integer({ min: 1, max: 8 });
const seed = 20;

describe('SessionParallelBatcher', () => {
  it('feeds three sessions through two slots', () => {
    const { sessionOffsets, items } = toArrays([[1, 2, 3, 4], [5, 6], [7], [8, 9]]);
    const batcher = new SessionParallelBatcher({ sessionOffsets, items, batchSize: 2, order: 'stored' });
    const batches = drain(batcher).map(({ input, target, resetMask, live, session }) =>
      [input, target, resetMask, live, session].map((values) => [...values]),
    );
    expect(batches).toEqual([
      [
        [1, 5],
        [2, 6],
        [1, 1],
        [1, 1],
        [0, 1],
      ],
      [
        [2, 8],
        [3, 9],
        [0, 1],
        [1, 1],
        [0, 3],
      ],
      [
        [3, -1],
        [4, -1],
        [0, 0],
        [1, 0],
        [0, -1],
      ],
    ]);
    expect(batcher.next()).toBeUndefined();
    expect(batcher.skippedSessions).toBe(1);
    expect(batcher.eventsPerEpoch).toBe(3 + 1 + 1);
  });

  it('reuses one batch object', () => {
    const { sessionOffsets, items } = toArrays([[1, 2, 3]]);
    const batcher = new SessionParallelBatcher({ sessionOffsets, items, batchSize: 1, order: 'stored' });
    expect(batcher.next()).toBe(batcher.next());
  });

  it('does not change the last batch when the events are counted', () => {
    const { sessionOffsets, items } = toArrays([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const options = { sessionOffsets, items, batchSize: 2, order: 'stored', minLiveSlots: 2 } as const;
    const batcher = new SessionParallelBatcher(options);
    const batch = batcher.next() as Batch;
    expect(batcher.eventsPerEpoch).toBe(4);
    expect(pairs(batch)).toEqual(['1>2', '4>5']);
    expect(pairs(batcher.next() as Batch)).toEqual(['2>3', '5>6']);
  });

  it('feeds in every step the pairs of batches without fixed slots', () => {
    fc.assert(
      fc.property(distinctSessions, slots, slots, (sessions, batchSize, least) => {
        const minLiveSlots = Math.min(least, batchSize);
        const data = toArrays(sessions);
        const batcher = new SessionParallelBatcher({ ...data, batchSize, order: 'stored', minLiveSlots });
        const expected = closingUpBatches(sessions, batchSize, minLiveSlots);
        const batches = drain(batcher);
        const fed = ({ input, target, resetMask, live, session }: Batch) =>
          Array.from(session, (of, slot) => {
            return { session: of, input: input[slot], target: target[slot], reset: resetMask[slot] === 1 };
          }).filter((_, slot) => live[slot] === 1);
        expect(batches.map(fed)).toEqual(expected);
        expect(batches.map(({ liveSlots }) => liveSlots)).toEqual(expected.map((step) => step.length));
        expect(batches.map(({ step }) => step)).toEqual(expected.map((_, step) => step));
        expect(batcher.eventsPerEpoch).toBe(expected.flat().length);
      }),
      { seed },
    );
  });

  it.each(['time', 'shuffled'] as const)('feeds every pair once per epoch, order %s', (order) => {
    fc.assert(
      fc.property(distinctSessions, slots, fc.nat({ max: 5 }), (sessions, batchSize, epoch) => {
        const sessionStartTimes = sessions.map((session) => session.length);
        const data = { ...toArrays(sessions), sessionStartTimes };
        const batcher = new SessionParallelBatcher({ ...data, batchSize, order, seed: 3 });
        batcher.startEpoch(epoch);
        expect(drain(batcher).flatMap(pairs).sort()).toEqual(sessions.flatMap(pairsOfSession).sort());
      }),
      { seed },
    );
  });

  it('keeps a running session in its slot', () => {
    fc.assert(
      fc.property(distinctSessions, slots, (sessions, batchSize) => {
        const options = { ...toArrays(sessions), batchSize, order: 'stored' } as const;
        const batches = drain(new SessionParallelBatcher(options));
        for (let step = 1; step < batches.length; step++) {
          for (let slot = 0; slot < batchSize; slot++) {
            if (batches[step].live[slot] === 0 || batches[step].resetMask[slot] === 1) continue;
            expect(batches[step].input[slot]).toBe(batches[step - 1].target[slot]);
          }
        }
      }),
      { seed },
    );
  });

  it.each(['time', 'stored', 'shuffled'] as const)('restores every step, order %s', (order) => {
    fc.assert(
      fc.property(
        distinctSessions,
        slots,
        fc.nat({ max: 3 }),
        fc.nat({ max: 20 }),
        (sessions, batchSize, epoch, at) => {
          const sessionStartTimes = sessions.map((session) => -session.length);
          const options = { ...toArrays(sessions), sessionStartTimes, batchSize, order, seed: 2n ** 63n };
          const whole = new SessionParallelBatcher(options);
          whole.startEpoch(epoch);
          for (let step = 0; step < at; step++) whole.next();
          const saved = JSON.stringify(whole.position());
          const restored = new SessionParallelBatcher(options);
          restored.restore(JSON.parse(saved));
          expect(JSON.stringify(restored.position())).toBe(saved);
          expect(drain(restored)).toEqual(drain(whole));
        },
      ),
      { seed },
    );
  });

  it('refuses a position of other data', () => {
    const options = { batchSize: 2, order: 'stored' } as const;
    const batcherOf = (sessions: number[][]) =>
      new SessionParallelBatcher({ ...toArrays(sessions), ...options });
    const position = batcherOf(['12', '34', '567'].map((items) => [...items].map(Number))).position();
    expect(() => batcherOf([[1, 2]]).restore(position)).toThrow(
      '"position.nextSession" expected integer in [0, 1]',
    );
  });

  it('takes sessions by time, equal times in stored order', () => {
    const { sessionOffsets, items } = toArrays([
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ]);
    const sessionStartTimes = [9, 4, 9, 3];
    const batcher = new SessionParallelBatcher({ sessionOffsets, items, batchSize: 1, sessionStartTimes });
    expect(drain(batcher).flatMap(pairs)).toEqual(['7>8', '3>4', '1>2', '5>6']);
  });

  it('counts the events of the current shuffled epoch', () => {
    const data = toArrays(
      Array.from({ length: 9 }, (_, index) => Array.from({ length: index + 2 }, () => 0)),
    );
    const options = { ...data, batchSize: 3, order: 'shuffled', seed: 1, minLiveSlots: 2 } as const;
    const batcher = new SessionParallelBatcher(options);
    for (const epoch of [3, 0, 1, 2]) {
      batcher.startEpoch(epoch);
      const expected = batcher.eventsPerEpoch;
      expect(drain(batcher).reduce((events, { liveSlots }) => events + liveSlots, 0)).toBe(expected);
    }
  });
});
