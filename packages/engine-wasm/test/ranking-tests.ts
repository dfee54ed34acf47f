import { type Engine, type Program, ProgramBuilder, type RuntimeArray, type Tensor } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';

export const INNER = 6;

/** Size of a ranking: rows of the table, slots, length of the lists (0: none). */
export interface RankingSize {
  readonly rows: number;
  readonly slots: number;
  readonly k: number;
}

const sizes: readonly RankingSize[] = [
  { rows: 1, slots: 1, k: 1 },
  { rows: 3, slots: 40, k: 7 },
  { rows: 40, slots: 1, k: 5 },
  { rows: 300, slots: 5, k: 20 },
  { rows: 259, slots: 34, k: 64 },
  { rows: 700, slots: 100, k: 20 },
  { rows: 259, slots: 34, k: 0 },
];

export function ranked(b: ProgramBuilder, x: Tensor, k: number): Program {
  const target = b.input('target', { dtype: 'i32', rows: x.cols, cols: 1 });
  b.output('counts', b.rankCounts(x, target));
  if (k > 0) b.output('top', b.topIndices(x, k, target));
  return b.build();
}

/** Ranks an input `x` [rows, slots]. */
export function ranking({ rows, slots, k }: RankingSize): Program {
  const b = new ProgramBuilder('ranking');
  return ranked(b, b.input('x', { dtype: 'f32', rows, cols: slots }), k);
}

/** Ranks a product plus a column, adjusted in `places` rows per slot. `scores` is a program that computes only these. */
export function rankedProduct(
  { rows, slots, k }: RankingSize,
  name: 'ranking' | 'scores',
  places = 0,
): Program {
  const b = new ProgramBuilder(name);
  const hidden = b.input('hidden', { dtype: 'f32', rows: slots, cols: INNER });
  const products = b.matmul(b.variable('table', 'table', rows, INNER), hidden, { transposeB: true });
  const linear = b.add(products, b.variable('bias', 'table', rows, 1));
  const adjusted = (): Tensor => b.input('adjusted', { dtype: 'i32', rows: slots, cols: places });
  const values = (of: string): Tensor => b.input(of, { dtype: 'f32', rows: slots, cols: places });
  const scores = places > 0 ? b.adjust(linear, adjusted(), values('scale'), values('added')) : linear;
  if (name === 'ranking') return ranked(b, scores, k);
  b.output('scores', scores);
  return b.build();
}

/** Few different values, infinities and, if asked for, a NaN in some slots. */
function drawValues(random: RandomStream, { rows, slots }: RankingSize, nan: boolean): Float32Array {
  const values = Float32Array.from({ length: rows * slots }, () => random.nextBelow(9) - 4);
  for (let i = 0; i < values.length; i += 1 + random.nextBelow(40)) {
    values[i] = [-Infinity, -Infinity, Infinity, random.nextFloat()][random.nextBelow(4)]!;
  }
  for (let i = 0; nan && i < 3; i++) values[random.nextBelow(values.length)] = Number.NaN;
  return values;
}

/** A row for each slot, or none: never, now and then, always. */
function drawTargets(random: RandomStream, { rows, slots }: RankingSize, trial: number): Int32Array {
  const idle = [0, 0.4, 0, 0.9, 1][trial % 5]!;
  return Int32Array.from({ length: slots }, () => (random.nextFloat() < idle ? -1 : random.nextBelow(rows)));
}

/** Rows that often have the target, and places without a row. */
function drawAdjustments(
  random: RandomStream,
  { rows, slots }: RankingSize,
  target: Int32Array,
  places: number,
) {
  const adjusted = new Int32Array(slots * places).fill(-1);
  for (let slot = 0; slot < slots; slot++) {
    const changed = adjusted.subarray(slot * places, (slot + 1) * places);
    for (let place = 0; place < places; place++) {
      const row = place === 1 ? target[slot]! : random.nextBelow(rows + 1) - 1;
      if (!changed.includes(row)) changed[place] = row;
    }
  }
  const scale = Float32Array.from(adjusted, () => 0.5 + random.nextFloat());
  return { adjusted, scale, added: Float32Array.from(adjusted, () => random.nextFloat() - 0.25) };
}

/** Counts and lists, without those of slots with a NaN. */
function valid({ counts, top = [] }: Readonly<Record<string, ArrayLike<number>>>) {
  const listed = Array.from(top, (row, at) => (Number.isNaN(counts![at % (counts!.length / 2)]) ? 0 : row));
  return { counts: Array.from(counts!), top: listed };
}

/** Tests ranks and lists of values, and those of products by their separately computed scores, exactly. */
export function testRankings(name: string, createEngine: () => Engine): void {
  const reference = createReferenceEngine();
  const expectRanking = (
    found: Readonly<Record<string, RuntimeArray>>,
    size: RankingSize,
    inputs: { readonly x: Float32Array; readonly target: Int32Array },
  ): void => {
    const expected = reference.load([ranking(size)]).run('ranking', inputs);
    expect(valid(found)).toEqual(valid(expected as Record<string, ArrayLike<number>>));
  };

  describe(`rank-counts and top-indices on ${name}`, () => {
    const engine = createEngine();

    it.each(sizes)('rank values: ties, infinities, NaN, no target, %o', (size) => {
      const runtime = engine.load([ranking(size)]);
      const random = new RandomStream(1, 'ranking');
      for (let trial = 0; trial < 6; trial++) {
        const x = drawValues(random, size, trial % 3 === 2);
        const target = drawTargets(random, size, trial);
        expectRanking(runtime.run('ranking', { x, target }), size, { x, target });
      }
      runtime.dispose();
    });

    const products = sizes.flatMap((size) => [0, 3].map((places) => ({ size, places })));

    it.each(products)('rank a product exactly by its separately computed scores, %o', ({ size, places }) => {
      const runtime = engine.load(
        (['ranking', 'scores'] as const).map((of) => rankedProduct(size, of, places)),
      );
      const random = new RandomStream(2, 'ranking');
      const draw = (length: number) => Float32Array.from({ length }, () => random.nextFloat() - 0.5);
      for (let trial = 0; trial < 3; trial++) {
        const table = draw(size.rows * INNER);
        // Equal rows have equal scores.
        for (let row = 0; row + 3 < size.rows; row += 3) table.copyWithin(row * INNER, 0, INNER);
        if (trial === 2) table[random.nextBelow(table.length)] = Number.NaN;
        runtime.write('table', table);
        runtime.write(
          'bias',
          Float32Array.from({ length: size.rows }, (_, row) => (row % 2) / 4),
        );
        const target = drawTargets(random, size, trial);
        const adjustments = drawAdjustments(random, size, target, places);
        if (places > 0 && trial === 1) adjustments.added[random.nextBelow(places)] = Number.NaN;
        const inputs = { hidden: draw(size.slots * INNER), ...(places > 0 && adjustments) };
        const x = Float32Array.from(runtime.run('scores', inputs).scores!);
        expectRanking(runtime.run('ranking', { target, ...inputs }), size, { x, target });
      }
      runtime.dispose();
    });

    it('skip a list with infinite thresholds, and list −∞ last', () => {
      const runtime = engine.load([ranking({ rows: 5, slots: 1, k: 4 })]);
      const x = Float32Array.of(-Infinity, Infinity, -Infinity, Infinity, -Infinity);
      const { counts, top } = runtime.run('ranking', { x, target: Int32Array.of(2) });
      expect([...counts!]).toEqual([2, 3]);
      expect([...top!]).toEqual([1, 3, 0, 2]);
      runtime.dispose();
    });
  });
}
