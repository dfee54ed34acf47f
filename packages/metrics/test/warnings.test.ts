import { describe, expect, it } from 'vitest';
import {
  type EvaluationFacts,
  endedBefore,
  evaluationWarnings,
  startedAfter,
  type TimedSessions,
  type WarningCode,
} from '../src/warnings.ts';

/** Sessions of two events each, at their start and end. */
function timed(spans: readonly (readonly [start: number, end: number])[]): TimedSessions {
  return {
    sessionOffsets: Int32Array.from({ length: spans.length + 1 }, (_, session) => 2 * session),
    times: Float64Array.from(spans.flat()),
  };
}

/** Sessions of length 5, starting every `step`. */
function every(step: number, from: number, count: number): [number, number][] {
  return Array.from({ length: count }, (_, session) => [from + step * session, from + step * session + 5]);
}

const sound: EvaluationFacts = { predictions: 1000 };
const warn = (facts: Partial<EvaluationFacts>) => evaluationWarnings({ ...sound, ...facts });
const codes = (facts: Partial<EvaluationFacts>) => warn(facts).map(({ code }) => code);

describe('evaluationWarnings', () => {
  it('gives no warning for sound facts', () => {
    const facts = {
      predictions: 1000,
      sessions: 30,
      split: { train: timed(every(10, 0, 100)), test: timed(every(10, 1000, 50)) },
      scorers: [{ name: 'GRU4Rec', ties: { targets: 1000, tied: 0, most: 1 } }],
      repeatsRemoved: 0,
      tuning: { evaluated: 'b', tunedOn: [{ name: 'GRU4Rec', checksum: 'a' }] },
    };
    expect(evaluationWarnings(facts)).toEqual([]);
  });

  it('gives each warning in one line, in the order of the codes', () => {
    const found = evaluationWarnings({
      predictions: 10,
      sessions: 5,
      split: { train: timed(every(10, 0, 100)), test: timed(every(10, 3, 100)) },
      scorers: [{ name: 'POP', ties: { targets: 1, tied: 1, most: 2 } }],
      repeatsRemoved: 1,
      tuning: { evaluated: 'a', tunedOn: [{ name: 'GRU4Rec', checksum: 'a' }] },
    });
    expect(found.map(({ code }) => code)).toEqual([
      'random-split',
      'tied-scores',
      'repeats-removed',
      'few-predictions',
      'few-sessions',
      'tuned-on-evaluated',
    ]);
    expect(found.filter(({ message }) => message.includes('\n'))).toEqual([]);
  });

  describe('random-split', () => {
    it('warns if half of the test sessions or more are within training', () => {
      // Training sessions start at 0 to 990; test sessions end at 505 to 995 and 1005 to 1495.
      const split = { train: timed(every(10, 0, 100)), test: timed(every(10, 500, 100)) };
      expect(warn({ split })).toEqual([
        {
          code: 'overlapping-split',
          message: expect.stringContaining('49 of 100 (49.0 %) test sessions'),
        },
      ]);
      const earlier = { ...split, test: timed(every(10, 490, 100)) };
      expect(warn({ split: earlier })).toEqual([
        {
          code: 'random-split',
          message:
            '50 of 100 (50.0 %) test sessions ended before the last training session started, and 50 of 100 (50.0 %) ' +
            'training sessions started after the first test session had ended: the split looks random, and training ' +
            'knows what came later. Split by time.',
        },
      ]);
    });

    it('warns of a test period before training', () => {
      expect(codes({ split: { train: timed(every(10, 1000, 10)), test: timed(every(10, 0, 10)) } })).toEqual([
        'random-split',
      ]);
    });
  });

  describe('overlapping-split', () => {
    it('warns if a few test sessions are within training', () => {
      // Of 1,200 test sessions, twelve end before the last three training sessions start, at 1,118 to 1,120.
      const train = timed([...every(10, 0, 100), ...every(1, 1118, 3)]);
      expect(warn({ split: { train, test: timed(every(10, 1000, 1200)) } })).toEqual([
        {
          code: 'overlapping-split',
          message:
            '12 of 1,200 (1.0 %) test sessions ended before the last training session started, and 3 of 103 (2.9 %) ' +
            'training sessions started after the first test session had ended: the splits overlap in time. Train only ' +
            'on sessions from before the test sessions.',
        },
      ]);
    });

    it('accepts sessions across the split, whichever event decides', () => {
      // By the last event: a test session starts at 985, before the last training session starts at 990.
      const byLast = { train: timed(every(10, 0, 100)), test: timed([[985, 1001], ...every(10, 1000, 50)]) };
      // By the first event: a training session lasts until 1,200.
      const byFirst = { train: timed([...every(10, 0, 99), [990, 1200]]), test: timed(every(10, 1000, 50)) };
      expect(codes({ split: byLast })).toEqual([]);
      expect(codes({ split: byFirst })).toEqual([]);
    });

    it('accepts a thousandth, and warns above', () => {
      const inside = every(10, 0, 1);
      const train = timed(every(10, 0, 100));
      expect(codes({ split: { train, test: timed([...inside, ...every(1, 1000, 999)]) } })).toEqual([]);
      expect(codes({ split: { train, test: timed([...inside, ...every(1, 1000, 998)]) } })).toEqual([
        'overlapping-split',
      ]);
    });

    it('reads times that are bigint, and skips sessions without events', () => {
      const split = {
        train: { sessionOffsets: Int32Array.of(0, 0, 1, 2), times: BigInt64Array.of(10n, 90n) },
        test: {
          sessionOffsets: Int32Array.of(0, 2, 4, 4, 6),
          times: BigInt64Array.of(1n, 2n, 80n, 95n, 90n, 99n),
        },
      };
      expect(warn({ split })).toEqual([
        {
          code: 'overlapping-split',
          message: expect.stringMatching(/^1 of 3 \(33\.3 %\) .* and 2 of 2 \(100\.0 %\)/),
        },
      ]);
    });

    it.each(['train', 'test'])('gives no warning without a session in %s', (part) => {
      const split = { train: timed(every(10, 0, 10)), test: timed(every(10, 0, 10)), [part]: timed([]) };
      expect(codes({ split })).toEqual([]);
    });
  });

  describe('tied-scores', () => {
    it('warns per scorer if a tenth of the targets or more have equal scores', () => {
      const scorers = [
        { name: 'POP', ties: { targets: 1000, tied: 100, most: 2113 } },
        { name: 'GRU4Rec', ties: { targets: 1000, tied: 99, most: 2113 } },
      ];
      expect(warn({ scorers })).toEqual([
        {
          code: 'tied-scores',
          message:
            '100 of 1,000 (10.0 %) targets have the score of other items with POP, one of them that of 2,112: the ' +
            "figures depend on the tie rule. Compare the rules 'standard' and 'conservative', and look for saturated scores.",
        },
      ]);
    });

    it('accepts no predictions', () => {
      expect(codes({ scorers: [{ name: 'POP', ties: { targets: 0, tied: 0, most: 0 } }] })).toEqual([]);
    });
  });

  const rest =
    'few, fewer than 30: intervals are wide, below ten sessions unreliable, and p-values too small where one of two models is seldom ' +
    'better, but then by much. Evaluate more sessions.';

  it.each<[WarningCode, Partial<EvaluationFacts>, string]>([
    [
      'repeats-removed',
      { repeatsRemoved: 5120 },
      'Preparation removed 5,120 repeats of the item before (collapseRepeats): the figures do not compare with ' +
        'those on data that keep them. Say so beside them, or prepare without collapseRepeats.',
    ],
    [
      'few-predictions',
      { predictions: 999 },
      '999 predictions are few, fewer than 1,000: small differences are chance. Evaluate more sessions, or give ' +
        'intervals.',
    ],
    ['few-sessions', { sessions: 29 }, `29 sessions are ${rest}`],
    ['few-sessions', { sessions: 1 }, `1 session is ${rest}`],
  ])('gives %s for %j', (code, facts, message) => {
    expect(warn(facts)).toEqual([{ code, message }]);
  });

  it('tuned-on-evaluated: warns once of each scorer with the same checksum', () => {
    const checksum = '0123456789abcdef';
    const names = ['GRU4Rec', 'GRU4Rec', 'VSTAN', 'other'];
    const tunedOn = names.map((name) => ({ name, checksum: name === 'other' ? 'c' : checksum }));
    const rest =
      'was tuned on the sessions evaluated here (checksum 0123456789ab): its figures are too good. ' +
      'Tune on validation sessions, and evaluate others.';
    expect(warn({ tuning: { evaluated: checksum, tunedOn } })).toEqual([
      { code: 'tuned-on-evaluated', message: `GRU4Rec ${rest}` },
      { code: 'tuned-on-evaluated', message: `VSTAN ${rest}` },
    ]);
  });
});

describe('endedBefore, startedAfter', () => {
  it('count sessions strictly before and after', () => {
    const sessions = timed(every(10, 0, 3)); // 0–5, 10–15, 20–25
    expect([5, 6, 100].map((time) => endedBefore(sessions, time))).toEqual([0, 1, 3]);
    expect([-1, 0, 20].map((time) => startedAfter(sessions, time))).toEqual([3, 2, 0]);
  });

  it('give the same warning as the sessions', () => {
    const split = { train: timed(every(10, 0, 100)), test: timed(every(10, 500, 100)) };
    const counts = {
      inside: endedBefore(split.test, 990),
      testSessions: 100,
      after: startedAfter(split.train, 505),
      trainSessions: 100,
    };
    expect(warn({ split: counts })).toEqual(warn({ split }));
  });
});
