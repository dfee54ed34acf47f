import { evaluate, type Scorer, type ScoringSession } from '@gru4rec/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BaselineData } from '../src/baseline-kind.ts';
import { baselineNames, createBaseline } from '../src/create-baseline.ts';
import { someSessions, stepWith, toData } from './sessions.ts';
import { scoresAfter, someSession as session } from './timed-sessions.ts';

const drawn = { seed: 1, numRuns: 25 };

const makers: readonly (readonly [string, (data: BaselineData) => Scorer])[] = [
  ...baselineNames.map((name) => [name, (data: BaselineData) => createSmall(name, data)] as const),
];

/** Creates a baseline with start times, and few factors, because the tests fit hundreds. */
function createSmall(name: string, data: BaselineData): Scorer {
  const sessionStartTimes = Float64Array.from(data.train.sessionOffsets.subarray(1).keys());
  const timed = { ...data, train: { ...data.train, sessionStartTimes } };
  return createBaseline(name, timed, name === 'bpr-mf' ? { factors: 8, epochs: 5 } : {});
}

/** A step with ranks, which are ignored, if the scorer can rank. */
function rankAfter(scoring: ScoringSession, item: number, reset: number): void {
  const [input, resetMask] = [Int32Array.of(item), Float32Array.of(reset)];
  if (scoring.rank) scoring.rank(input, resetMask, Int32Array.of(0), 3);
  else scoring.step(input, resetMask);
}

/** The same session without ranks. */
function withoutRank(scoring: ScoringSession): ScoringSession {
  return { step: (input, resetMask) => scoring.step(input, resetMask), close: () => scoring.close() };
}

describe.each(makers)('%s', (_, make) => {
  it('gives a finite score for every item in every slot', () => {
    fc.assert(
      fc.property(
        someSessions,
        fc.array(fc.integer({ min: -1, max: 7 }), { minLength: 1 }),
        (sessions, input) => {
          const scorer = make(toData(8, ...sessions));
          const scores = stepWith(
            scorer.open(input.length),
            input,
            input.map(() => 1),
          );
          expect(scorer.itemCount).toBe(8);
          expect(scores).toHaveLength(input.length * 8);
          expect(scores.every(Number.isFinite)).toBe(true);
        },
      ),
      drawn,
    );
  });

  it('scores slots independently, with idle ones', () => {
    fc.assert(
      fc.property(someSessions, fc.array(session, { minLength: 1, maxLength: 5 }), (sessions, slots) => {
        const scorer = make(toData(8, ...sessions));
        const together = scorer.open(slots.length);
        const longest = Math.max(...slots.map((own) => own.length));
        for (let event = 0; event < longest; event++) {
          const resets = slots.map(() => (event === 0 ? 1 : 0));
          const scores = stepWith(
            together,
            slots.map((own) => own[event] ?? -1),
            resets,
          );
          for (const [slot, own] of slots.entries()) {
            if (event >= own.length) continue;
            expect(scores.slice(slot * 8, slot * 8 + 8)).toEqual(
              scoresAfter(scorer, own.slice(0, event + 1)),
            );
          }
        }
      }),
      drawn,
    );
  });

  it('forgets a session at a reset', () => {
    fc.assert(
      fc.property(someSessions, session, session, (sessions, first, second) => {
        const scorer = make(toData(8, ...sessions));
        const one = scorer.open(1);
        for (const [event, item] of first.entries()) stepWith(one, [item], [event === 0 ? 1 : 0]);
        for (const [event, item] of second.entries()) {
          const scores = stepWith(one, [item], [event === 0 ? 1 : 0]);
          expect(scores).toEqual(scoresAfter(scorer, second.slice(0, event + 1)));
        }
      }),
      drawn,
    );
  });

  it('gives the scores of the last click after clicks that it only followed', () => {
    fc.assert(
      fc.property(someSessions, session, session, (training, before, clicks) => {
        const scorer = make(toData(8, ...training));
        const one = scorer.open(1);
        for (const part of [before, clicks]) {
          for (const [event, item] of part.entries()) {
            const [input, resetMask] = [Int32Array.of(item), Float32Array.of(event === 0 ? 1 : 0)];
            const follow = event === part.length - 1 ? undefined : one.follow;
            if (follow) follow.call(one, input, resetMask);
            else one.step(input, resetMask);
          }
        }
        expect(stepWith(one, [clicks.at(-1) ?? 0], [0])).toEqual(
          scoresAfter(scorer, [...clicks, clicks.at(-1) ?? 0]),
        );
      }),
      drawn,
    );
  });

  it('lists the best items of its latest scores', () => {
    fc.assert(
      fc.property(someSessions, session, fc.integer({ min: 1, max: 8 }), (training, clicks, k) => {
        const one = make(toData(8, ...training)).open(1);
        for (const [event, item] of clicks.entries()) {
          const scores = stepWith(one, [item], [event === 0 ? 1 : 0]);
          const expected = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b).slice(0, k);
          expect([...(one.top?.(0, k) ?? expected)]).toEqual(expected);
        }
      }),
      drawn,
    );
  });

  it('ranks exactly like its scores, and gives scores again afterwards', () => {
    fc.assert(
      fc.property(someSessions, fc.array(session, { minLength: 1, maxLength: 5 }), (training, tested) => {
        const scorer = make(toData(8, ...training));
        const sessions = toData(8, ...tested, [0, 1]).train;
        const options = { cutoffs: [1, 3, 9], tieRule: 'standard', slots: 2, keepRanks: true } as const;
        const unranked = { ...scorer, open: (slots: number) => withoutRank(scorer.open(slots)) };
        expect(evaluate(scorer, sessions, options)).toEqual(evaluate(unranked, sessions, options));
        const both = scorer.open(1);
        rankAfter(both, 1, 1);
        expect(stepWith(both, [2], [0])).toEqual(scoresAfter(scorer, [1, 2]));
        rankAfter(both, 3, 0);
        expect(stepWith(both, [4], [0])).toEqual(scoresAfter(scorer, [1, 2, 3, 4]));
      }),
      drawn,
    );
  });

  it('refuses data without an event', () => {
    expect(() => make(toData(4))).toThrow(
      new RangeError('createBaseline: "support" expected training events, got a sum of 0.'),
    );
  });
});
