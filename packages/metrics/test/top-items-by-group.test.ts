import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topItemsByGroup } from '../src/top-items.ts';

/** Takes the sorted items in order and skips full groups. */
function walkSorted(
  row: readonly number[],
  k: number,
  { groups, maxPerGroup }: { groups: readonly (string | undefined)[]; maxPerGroup: number },
  excluded: ReadonlySet<number>,
): number[] {
  const counts: Record<string, number> = {};
  const sorted = [...row.keys()].sort((a, b) => row[b] - row[a] || a - b);
  const allowed = sorted.filter((item) => {
    const group = groups[item];
    if (excluded.has(item)) return false;
    if (group === undefined) return true;
    counts[group] = (counts[group] ?? 0) + 1;
    return counts[group] <= maxPerGroup;
  });
  return allowed.slice(0, k);
}

describe('topItemsByGroup', () => {
  const scores = Float32Array.of(9, 8, 7, 6, 5, 4);
  const groups = ['a', 'a', 'a', 'b', undefined, undefined];
  const groupOf = (item: number) => groups[item];

  it('skips the items of a full group', () => {
    expect(topItemsByGroup(scores, 3, { groupOf, maxPerGroup: 1 })).toEqual(Int32Array.of(0, 3, 4));
    expect(topItemsByGroup(scores, 3, { groupOf, maxPerGroup: 2 })).toEqual(Int32Array.of(0, 1, 3));
  });

  it('does not limit items without a group', () => {
    expect(topItemsByGroup(scores, 6, { groupOf, maxPerGroup: 1 })).toEqual(Int32Array.of(0, 3, 4, 5));
  });

  it('leaves out excluded items and does not count them', () => {
    const excluded = new Set([0, 4]);
    expect(topItemsByGroup(scores, 3, { groupOf, maxPerGroup: 1, excluded })).toEqual(Int32Array.of(1, 3, 5));
  });

  it('finds other groups far below one that fills the top', () => {
    const row = Float32Array.from({ length: 1000 }, (_, item) => -item);
    const few = (item: number) => (item < 990 ? 'front' : item);
    expect(topItemsByGroup(row, 3, { groupOf: few, maxPerGroup: 1 })).toEqual(Int32Array.of(0, 990, 991));
  });

  it('agrees with the naive selection from all sorted items', () => {
    const item = fc.record({
      score: fc.integer({ min: 0, max: 12 }),
      group: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined }),
    });
    const limits = [fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 4 })] as const;
    const excludedItems = fc.array(fc.nat({ max: 79 }), { maxLength: 20 });
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 80 }),
        ...limits,
        excludedItems,
        (items, k, maxPerGroup, left) => {
          const row = items.map(({ score }) => score);
          const labels = items.map(({ group }) => group);
          const excluded = new Set(left);
          const list = topItemsByGroup(Float64Array.from(row), k, {
            groupOf: (index) => labels[index],
            maxPerGroup,
            excluded,
          });
          expect([...list]).toEqual(walkSorted(row, k, { groups: labels, maxPerGroup }, excluded));
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });
});
