import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topItems, topItemsByGroup } from '../src/top-items.ts';

describe('topItems', () => {
  it('lists items with score minus infinity last', () => {
    expect(topItems(Float32Array.of(-Infinity, 0, -Infinity, Infinity), 3)).toEqual(Int32Array.of(3, 1, 0));
  });

  it('agrees with a full sort', () => {
    const rows = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 70 }), fc.array(fc.nat({ max: 59 })), (row, k, left) => {
        const excluded = new Set(left);
        const sorted = [...row.keys()].sort((a, b) => row[b] - row[a] || a - b);
        const expected = sorted.filter((item) => !excluded.has(item)).slice(0, k);
        expect([...topItems(Float64Array.from(row), k, excluded)]).toEqual(expected);
      }),
      { seed: 1 },
    );
  });
});

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
