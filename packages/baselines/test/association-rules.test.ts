import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { associationRules } from '../src/association-rules.ts';
import { createBaseline } from '../src/create-baseline.ts';
import { about } from './about.ts';
import { someSessions, stepWith, toData } from './sessions.ts';

describe('associationRules', () => {
  const data = toData([[0, 1, 2], [0, 2, 0], [1, 1], [3]], 4);
  const share = [3 / 9 - 1, 3 / 9 - 1, 2 / 9 - 1, 1 / 9 - 1];

  it('scores items by how often they share a session with the last one, before or after it', () => {
    const scorer = associationRules(data);
    expect(scorer.name).toBe('AR');
    const session = scorer.open(1);
    expect(stepWith(session, [0], [1])).toEqual(about([2 / 6, 1 / 6, 3 / 6, share[3]]));
    expect(stepWith(session, [2], [0])).toEqual(about([3 / 4, 1 / 4, share[2], share[3]]));
    expect(stepWith(session, [3], [0])).toEqual(share);
  });

  it('has no rule from an item to itself without repeats', () => {
    const session = associationRules(data, { repeats: false }).open(1);
    expect(stepWith(session, [0], [1])).toEqual(about([share[0], 1 / 4, 3 / 4, share[3]]));
    expect(stepWith(session, [1], [0])).toEqual(about([1 / 2, share[1], 1 / 2, share[3]]));
  });

  it('keeps the requested number of rules, 20 by default', () => {
    const session = associationRules(data, { pruning: 1 }).open(1);
    expect(stepWith(session, [0], [1])).toEqual(about([share[0], share[1], 3 / 6, share[3]]));
    const wide = toData([Array.from({ length: 30 }, (_, item) => item)], 30);
    const kept = stepWith(associationRules(wide).open(1), [0], [1]).filter((score) => score > 0);
    expect(kept).toEqual(about(Array.from({ length: 20 }, () => 1 / 29)));
  });

  it('divides by Σ (|p| − 1) over the events of the last item', () => {
    fc.assert(
      fc.property(someSessions, fc.nat({ max: 7 }), (sessions, last) => {
        const scores = stepWith(associationRules(toData(sessions, 8)).open(1), [last], [1]);
        const events = (session: readonly number[], item: number): number =>
          session.filter((other) => other === item).length;
        const total = sessions.reduce((sum, own) => sum + events(own, last) * (own.length - 1), 0);
        for (let item = 0; item < 8; item++) {
          const together = sessions.reduce(
            (sum, own) => sum + events(own, last) * (events(own, item) - (item === last ? 1 : 0)),
            0,
          );
          if (together > 0) expect(scores[item]).toBeCloseTo(together / total, 6);
          else expect(scores[item]).toBeLessThanOrEqual(0);
        }
      }),
      { seed: 1 },
    );
  });

  it('refuses to keep 0 rules', () => {
    expect(() => createBaseline('ar', data, { pruning: 0 })).toThrow(
      new RangeError('createBaseline: "pruning" expected integer >= 1 or Infinity, got 0.'),
    );
  });
});
