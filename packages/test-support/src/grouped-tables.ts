import { type Engine, groupingOf } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { expect } from 'vitest';
import { type ScoredTable, topProgram } from './scored-tables.ts';

type GroupedShape = Pick<ScoredTable, 'rows' | 'units' | 'slots'>;

/** Shapes of tables in which rows are in groups. */
export const groupedShapes: readonly GroupedShape[] = [
  { rows: 2, units: 2, slots: 2 },
  { rows: 33, units: 5, slots: 3 },
  { rows: 1000, units: 57, slots: 20 },
  { rows: 2100, units: 128, slots: 33 },
  // 40 and 47 blocks of means, every fourth and fifth of which is sampled.
  { rows: 20_000, units: 7, slots: 20 },
  { rows: 24_000, units: 7, slots: 1 },
];

/** Rows near 40 random points, with biases. */
function clusteredTable(shape: GroupedShape): ScoredTable {
  const { rows, units, slots } = shape;
  const random = new RandomStream(rows, 'grouped-tables');
  const draw = (length: number): Float32Array => Float32Array.from({ length }, () => random.nextNormal());
  const points = draw(40 * units);
  const table = draw(rows * units);
  for (let row = 0; row < rows; row++) {
    const point = random.nextBelow(40);
    for (let j = 0; j < units; j++) {
      const at = row * units + j;
      table[at] = 0.3 * (table[at] ?? 0) + (points[point * units + j] ?? 0);
    }
  }
  const target = new Int32Array(slots);
  return { ...shape, k: Math.min(20, rows), table, bias: draw(rows), hidden: draw(slots * units), target };
}

/**
 * Expects a table in groups to have the same lists as before, and lists of a share of its groups (a fifth, at least 32) to have
 * distinct rows, nine in ten of those of exact lists.
 *
 * @param engine - groups tables of any size.
 */
export function expectGroupedTop(engine: Engine, shape: GroupedShape): void {
  const given = clusteredTable(shape);
  const { slots, units, k, table, bias, hidden } = given;
  const program = topProgram(given, slots);
  const runtime = engine.load([program]);
  const lists = (): number[][] => {
    const { top = [] } = runtime.run(program.name, { hidden });
    return Array.from({ length: slots }, (_, s) =>
      Array.from({ length: k }, (_, at) => top[at * slots + s] ?? -1),
    );
  };
  runtime.write('table', table);
  runtime.write('bias', bias);
  const exact = lists();
  const random = new RandomStream(1, 'grouped-states');
  const states = Float32Array.from({ length: 64 * units }, () => random.nextNormal());
  const grouping = groupingOf(runtime);
  expect(grouping?.group(states)).toBe(true);
  expect(lists()).toEqual(exact);
  grouping?.probe(0.2);
  let found = 0;
  for (const [slot, list] of lists().entries()) {
    expect(new Set(list).size).toBe(k);
    found += list.filter((row) => exact[slot]?.includes(row)).length;
  }
  expect(found / (slots * k)).toBeGreaterThan(0.9);
  // New values are seen, and all rows are read again.
  const best = exact[0]?.[0] ?? 0;
  runtime.write(
    'bias',
    bias.map((value, row) => value - (row === best ? 1e3 : 0)),
  );
  expect(lists()[0]?.[0] === best).toBe(false);
  runtime.write('bias', bias);
  grouping?.probe(1);
  expect(lists()).toEqual(exact);
  runtime.dispose();
}
