import { evaluate, type Scorer, topItems } from '@gru4rec/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BaselineData } from '../src/baseline-kind.ts';
import { neighbourScorer } from '../src/neighbour-scorer.ts';
import { EQUAL_WEIGHTS, type NeighbourhoodOptions, type SessionWeights } from '../src/session-weights.ts';
import { stepWith } from './sessions.ts';
import { expectScores, scoresAfter, someSession, someTimedSessions, toTimedData } from './timed-sessions.ts';

function make(
  data: BaselineData,
  weights: Partial<SessionWeights> = {},
  size: NeighbourhoodOptions = {},
): Scorer {
  return neighbourScorer(data, {
    name: 'counting',
    caller: 'counting',
    weights: { ...EQUAL_WEIGHTS, ...weights },
    size: { neighbours: 3, sampleSize: 5, indexSessions: Infinity, ...size },
  });
}

describe('neighbourScorer', () => {
  const data = toTimedData(
    [
      { items: [0, 1, 1], day: 0 },
      { items: [0, 2], day: 1 },
    ],
    4,
  );

  it('adds the similarities of the sessions with an item, clicked or not', () => {
    const scorer = make(data);
    expect([scorer.name, scorer.itemCount]).toEqual(['counting', 4]);
    expectScores(scoresAfter(scorer, [0]), [2, 1, 1, 0 / 5 - 1]);
    expectScores(scoresAfter(scorer, [1, 0]), [3, 2, 1, 0 / 5 - 1]);
  });

  it('breaks ties by popularity', () => {
    expect([...topItems(Float64Array.from(scoresAfter(make(data), [0])), 4)]).toEqual([0, 1, 2, 3]);
    const rare = toTimedData([{ items: [0, 1, 2, 2], day: 0 }], 4);
    expect([...topItems(Float64Array.from(scoresAfter(make(rare), [0])), 4)]).toEqual([2, 0, 1, 3]);
  });

  it('multiplies by the weights of the last shared item, of the distance to it and of the item', () => {
    const scorer = make(data, {
      lastShared: (click, length) => 10 * click + length,
      distance: (events) => 1 / (1 + events),
      item: (holding, sessions) => holding / sessions,
    });
    // Session 0 shares item 1, the first of two clicks, and has it last at its third event; session 1 shares nothing.
    expectScores(scoresAfter(scorer, [1, 3]), [(12 * 1) / 3, 12 * (1 / 2), 1 / 5 - 1, 0 / 5 - 1]);
  });

  it('searches only indexed sessions, but counts popularity in all training events', () => {
    const scorer = make(data, {}, { indexSessions: 1 });
    expectScores(scoresAfter(scorer, [0]), [1, 2 / 5 - 1, 1, 0 / 5 - 1]);
  });

  it('scores items whose weights underflow by popularity', () => {
    const scorer = make(data, { distance: (events) => Math.exp(-events / 1e-5) });
    expectScores(scoresAfter(scorer, [0]), [2, 2 / 5 - 1, 1 / 5 - 1, 0 / 5 - 1]);
  });

  it('scores all items by popularity after an item of no training session', () => {
    expect(scoresAfter(make(data), [3])).toEqual([2 / 5 - 1, 2 / 5 - 1, 1 / 5 - 1, 0 / 5 - 1]);
  });

  it('scores slots independently, with idle ones, and forgets sessions at resets', () => {
    const sessions = fc.array(someSession, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        someTimedSessions,
        fc.array(sessions, { minLength: 1, maxLength: 4 }),
        (training, slots) => {
          const scorer = make(toTimedData(training, 8));
          const together = scorer.open(slots.length);
          const events = slots.map((own) =>
            own.flatMap((session) => session.map((_, last) => session.slice(0, last + 1))),
          );
          for (let step = 0; step < Math.max(...events.map((own) => own.length)); step++) {
            const now = events.map((own) => own[step] ?? []);
            const scores = stepWith(
              together,
              now.map((session) => session.at(-1) ?? -1),
              now.map((session) => (session.length === 1 ? 1 : 0)),
            );
            for (const [slot, session] of now.entries()) {
              if (session.length === 0) continue;
              expect(scores.slice(slot * 8, slot * 8 + 8)).toEqual(scoresAfter(scorer, session));
            }
          }
        },
      ),
      { seed: 1 },
    );
  });

  it('can be evaluated', () => {
    const { predictions, results } = evaluate(make(data), data.train, { cutoffs: [4] });
    expect([predictions, results[0].recall]).toEqual([3, 1]);
  });

  it('refuses data without an event', () => {
    expect(() => make(toTimedData([], 4))).toThrow(
      new RangeError('eventShares: "support" expected training events, got a sum of 0.'),
    );
  });

  it('refuses an input that is not an item', () => {
    expect(() => stepWith(make(data).open(1), [4], [1])).toThrow(
      new RangeError('step: "input" expected integer in [-1, 4) at slot 0, got 4.'),
    );
  });
});
