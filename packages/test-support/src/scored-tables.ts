import { type Engine, type Program, ProgramBuilder, type Runtime } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import fc from 'fast-check';
import { expect } from 'vitest';

/** A table of items, and hidden states that score them. */
export interface ScoredTable {
  readonly rows: number;
  readonly units: number;
  readonly slots: number;
  /** Length of the lists. */
  readonly k: number;
  /** [rows, units]. */
  readonly table: Float32Array;
  /** [rows]. */
  readonly bias: Float32Array;
  /** [slots, units]. */
  readonly hidden: Float32Array;
  /** [slots], −1 in idle ones. */
  readonly target: Int32Array;
}

type Draw = (random: RandomStream) => number;

const uniform: Draw = (random) => 2 * random.nextFloat() - 1;

/** How the numbers of a row are drawn, by the kind of the row. */
const rowKinds = {
  uniform,
  integers: (random) => random.nextBelow(5) - 2,
  zeros: () => 0,
  ones: () => 1,
  huge: (random) => 3e38 * uniform(random),
  large: (random) => 1e19 * uniform(random),
  tiny: (random) => 1e-30 * uniform(random),
  subnormal: (random) => 1e-42 * uniform(random),
  'one huge': (random) => (random.nextBelow(16) === 0 ? 1e6 : 1e-3 * uniform(random)),
  infinite: (random) => (random.nextBelow(16) === 0 ? Number.POSITIVE_INFINITY : uniform(random)),
  '−infinite': (random) => (random.nextBelow(16) === 0 ? Number.NEGATIVE_INFINITY : uniform(random)),
  NaN: (random) => (random.nextBelow(40) === 0 ? Number.NaN : uniform(random)),
} satisfies Record<string, Draw>;

type RowKind = keyof typeof rowKinds;

/** Sometimes only ordinary rows, sometimes a mix. */
const someKinds = fc.oneof(
  fc.constantFrom<RowKind[]>(
    ['uniform'],
    ['integers'],
    ['zeros'],
    ['uniform', 'one huge'],
    ['uniform', 'tiny'],
  ),
  fc.subarray(Object.keys(rowKinds) as RowKind[], { minLength: 1 }),
);

/** Tables for exact answers: equal rows, huge and tiny norms, zeros, a huge column, infinities and NaN. */
export const scoredTables: fc.Arbitrary<ScoredTable> = fc
  .record({
    seed: fc.nat(),
    rows: fc.integer({ min: 1, max: 300 }),
    units: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 2, max: 70 }) },
      fc.integer({ min: 71, max: 300 }),
    ),
    slots: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 21 }) },
      fc.integer({ min: 22, max: 70 }),
    ),
    k: fc.integer({ min: 1, max: 40 }),
    tableKinds: someKinds,
    biasKinds: someKinds,
    hiddenKinds: someKinds,
    equalRows: fc.constantFrom(0, 0.1, 0.9),
    hugeColumn: fc.boolean(),
  })
  .map(({ seed, rows, units, slots, k, tableKinds, biasKinds, hiddenKinds, equalRows, hugeColumn }) => {
    const random = new RandomStream(seed, 'scored-tables');
    const table = drawRows(random, { rows, units, kinds: tableKinds });
    const bias = drawRows(random, { rows, units: 1, kinds: biasKinds });
    for (let row = 1; row < rows; row++) {
      if (random.nextFloat() >= equalRows) continue;
      const from = random.nextBelow(row);
      table.copyWithin(row * units, from * units, (from + 1) * units);
      bias.copyWithin(row, from, from + 1);
    }
    if (hugeColumn) for (let at = 0; at < table.length; at += units) table[at] = 1e9 * uniform(random);
    const hidden = drawRows(random, { rows: slots, units, kinds: hiddenKinds });
    const target = Int32Array.from({ length: slots }, () => random.nextBelow(rows + 1) - 1);
    return { rows, units, slots, k, table, bias, hidden, target };
  });

function drawRows(
  random: RandomStream,
  { rows, units, kinds }: { rows: number; units: number; kinds: readonly RowKind[] },
): Float32Array {
  const values = new Float32Array(rows * units);
  for (let row = 0; row < rows; row++) {
    const draw = rowKinds[kinds[random.nextBelow(kinds.length)] ?? 'uniform'];
    for (let at = row * units; at < (row + 1) * units; at++) values[at] = draw(random);
  }
  return values;
}

/** The best rows per slot, `hidden` [slots, units] → `top` i32 [k, slots]; with `some`, those that `allowed` has. */
export function topProgram({ rows, units, k }: ScoredTable, slots: number, some = false): Program {
  const b = new ProgramBuilder(`top-${some ? 'allowed-' : ''}${slots}`);
  const table = b.variable('table', 'table', rows, units);
  const bias = b.variable('bias', 'table', rows, 1);
  const hidden = b.input('hidden', { dtype: 'f32', rows: slots, cols: units });
  const scores =
    slots === 1
      ? b.transpose(b.add(b.matmul(hidden, table, { transposeB: true }), b.transpose(bias)))
      : b.add(b.matmul(table, hidden, { transposeB: true }), bias);
  const words = { dtype: 'i32', rows: Math.ceil(rows / 32), cols: 1 } as const;
  b.output('top', some ? b.topAllowed(scores, k, b.input('allowed', words)) : b.topIndices(scores, k));
  return b.build();
}

function loaded(engine: Engine, programs: readonly Program[], { table, bias }: ScoredTable): Runtime {
  const runtime = engine.load(programs);
  runtime.write('table', table);
  runtime.write('bias', bias);
  return runtime;
}

/**
 * Expects lists from screened scores to equal those from scores that are all computed: of each slot by itself, and of
 * all slots together.
 *
 * @param screened - screens tables of any size. @param whole - screens none.
 */
export function expectExactTop(screened: Engine, whole: Engine, given: ScoredTable): void {
  const { slots, rows, units, k } = given;
  const [single, some] = [topProgram(given, 1), topProgram(given, 1, true)];
  const runtimes = [screened, whole].map((engine) => loaded(engine, [single, some], given));
  const random = new RandomStream(rows, 'allowed');
  const allowed = Int32Array.from({ length: Math.ceil(rows / 32) }, () => random.nextBelow(2 ** 32) | 0);
  const hidden = (slot: number) => given.hidden.slice(slot * units, (slot + 1) * units);
  const listsBy = (list: (runtime: Runtime, slot: number) => ArrayLike<number> | undefined) =>
    runtimes.map((runtime) =>
      Array.from({ length: slots }, (_, slot) => Array.from(list(runtime, slot) ?? [])),
    );
  const [lists, expected] = listsBy(
    (runtime, slot) => runtime.run(single.name, { hidden: hidden(slot) }).top,
  );
  expect(lists).toEqual(expected);
  const [few, fewExpected] = listsBy(
    (runtime, slot) => runtime.run(some.name, { hidden: hidden(slot), allowed }).top,
  );
  expect(few).toEqual(fewExpected);
  for (const runtime of runtimes) runtime.dispose();
  if (slots === 1) return;
  const together = topProgram(given, slots);
  const runtime = loaded(screened, [together], given);
  const { top = [] } = runtime.run(together.name, { hidden: given.hidden });
  const columns = Array.from({ length: slots }, (_, s) =>
    Array.from({ length: k }, (_, place) => top[place * slots + s]),
  );
  expect(columns).toEqual(expected);
  runtime.dispose();
}
