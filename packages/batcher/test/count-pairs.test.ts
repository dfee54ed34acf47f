import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countPairs } from '../src/count-pairs.ts';
import { sessionsWithPairs } from '../src/session-order.ts';
import { closingUpBatches } from './closing-up-oracle.ts';
import { distinctSessions, toArrays } from './sessions.ts';

describe('countPairs', () => {
  it('counts the pairs that the naive batches feed', () => {
    fc.assert(
      fc.property(
        distinctSessions,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 4 }),
        (sessions, batchSize, minLiveSlots) => {
          const { sessionOffsets } = toArrays(sessions);
          const order = sessionsWithPairs(sessionOffsets);
          expect(countPairs(order, sessionOffsets, batchSize, minLiveSlots)).toBe(
            closingUpBatches(sessions, batchSize, minLiveSlots).flat().length,
          );
        },
      ),
      { seed: 1 },
    );
  });
});
