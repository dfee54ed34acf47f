import { RandomStream } from '@gru4rec/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIXED_ITEMS } from '../../src/live/mixing.ts';
import { fixedScores, ItemSelector } from '../../src/live/selection.ts';

const I = 400;
const drawn = (seed: number, count: number) => {
  const random = new RandomStream(seed, 'mixing');
  return Float64Array.from({ length: count }, () => random.nextFloat() - 0.5);
};
// The first item has no direction.
const vectors = { values: Float32Array.from(drawn(7, 5 * I)).fill(0, 0, 5), width: 5 };
const vectorOf = (item: number) => [...vectors.values.subarray(5 * item, 5 * item + 5)];
const product = (a: number[], b: number[]) => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
const cosines = Array.from({ length: I }, (_, a) =>
  Array.from({ length: I }, (_, b) => {
    const [x, y] = [vectorOf(a), vectorOf(b)];
    return product(x, y) / (Math.sqrt(product(x, x) * product(y, y)) || 1);
  }),
);

/** All cosines of all items that are left, in each step. @param items - best first. */
function naiveMix(items: readonly number[], scores: Float64Array, variety: number): number[] {
  const left = items.slice(0, MIXED_ITEMS);
  const scoreOf = (item: number | undefined) => scores[item ?? -1] ?? 0;
  const [most, least] = [scoreOf(left[0]), scoreOf(left.at(-1))];
  const taken: number[] = [];
  while (left.length > 0) {
    const values = left.map((item) => {
      const nearest = Math.max(...taken.map((other) => cosines[item]?.[other] ?? 0));
      const relevance = (scoreOf(item) - least) / (most - least);
      return (1 - variety) * relevance - variety * (taken.length > 0 ? nearest : 0);
    });
    taken.push(...left.splice(values.indexOf(Math.max(...values)), 1));
  }
  return [...taken, ...items.slice(MIXED_ITEMS)];
}

describe('a mixed selection', () => {
  it('follows the rules, then maximal marginal relevance, then limits per group, then pins', () => {
    const cases = fc.record({
      seed: fc.nat(),
      n: fc.integer({ min: 1, max: 40 }),
      variety: fc.constantFrom(0, 0.3, 1),
      maxPerGroup: fc.nat({ max: 4 }),
      groups: fc.integer({ min: 2, max: 30 }),
      deny: fc.array(fc.nat({ max: I - 1 })),
    });
    fc.assert(
      fc.property(cases, ({ seed, groups, deny, ...rules }) => {
        const { n, variety, maxPerGroup } = rules;
        const scores = drawn(seed, I);
        const excluded = new Set(deny).add(399);
        const left = [...scores.keys()].filter((item) => !excluded.has(item));
        const sorted = left.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
        const groupOf = (item: number) => item % groups || undefined;
        const counts = new Map<number, number>();
        const mixed = variety > 0 ? naiveMix(sorted, scores, variety) : sorted;
        const limited = mixed.filter((item) => {
          const group = groupOf(item);
          if (group === undefined || maxPerGroup === 0) return true;
          counts.set(group, (counts.get(group) ?? 0) + 1);
          return (counts.get(group) ?? 0) <= maxPerGroup;
        });
        const expected = limited.toSpliced(1, 0, ...(n > 1 ? [399] : [])).slice(0, n);
        const pins = n > 1 ? [{ position: 2, item: 399 }] : [];
        const none = { allowed: undefined, itemBoosts: new Map(), groupBoosts: new Map() };
        const selection = { ...rules, ...none, state: new Float32Array(), excluded, groupOf, pins };
        const [list] = new ItemSelector(fixedScores(scores, { vectors }), I).select([selection]);
        expect([...(list?.items ?? [])]).toEqual(expected);
        expect([...(list?.scores ?? [])]).toEqual(expected.map((item) => scores[item]));
      }),
      { seed: 1, numRuns: 25 },
    );
  });
});
