import { type Program, ProgramBuilder, type Tensor } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { createWasmEngine } from '../src/index.ts';
import { variants } from './variants.ts';

const INNER = 6;

/** Sizes of a ranking: rows N, columns B, list length; 0: no lists. */
const sizes = [
  { rows: 1, cols: 1, k: 1 },
  { rows: 3, cols: 5, k: 7 },
  { rows: 40, cols: 1, k: 5 },
  { rows: 300, cols: 5, k: 20 },
  { rows: 259, cols: 34, k: 64 },
  { rows: 700, cols: 100, k: 20 },
  { rows: 259, cols: 34, k: 0 },
] as const;

type Size = (typeof sizes)[number];

/** Inputs `x` [rows, cols] and `target`; outputs of both ops. */
function ranking({ rows, cols, k }: Size): Program {
  const b = new ProgramBuilder('ranking');
  const x = b.input('x', { dtype: 'f32', rows, cols });
  return ranked(b, x, k);
}

/**
 * The same for a product plus a column, adjusted in `places` rows per column, which need not be
 * stored. `scores` is a program that computes only these.
 */
function rankedProduct({ rows, cols, k }: Size, name: 'ranking' | 'scores', places = 0): Program {
  const b = new ProgramBuilder(name);
  const table = b.variable('table', 'table', rows, INNER);
  const bias = b.variable('bias', 'table', rows, 1);
  const hidden = b.input('hidden', { dtype: 'f32', rows: cols, cols: INNER });
  const linear = b.add(b.matmul(table, hidden, { transposeB: true }), bias);
  const adjusted = (): Tensor => b.input('adjusted', { dtype: 'i32', rows: cols, cols: places });
  const values = (of: string): Tensor => b.input(of, { dtype: 'f32', rows: cols, cols: places });
  const scores = places > 0 ? b.adjust(linear, adjusted(), values('scale'), values('added')) : linear;
  if (name === 'ranking') return ranked(b, scores, k);
  b.output('scores', scores);
  return b.build();
}

function ranked(b: ProgramBuilder, x: Tensor, k: number): Program {
  const target = b.input('target', { dtype: 'i32', rows: x.cols, cols: 1 });
  b.output('counts', b.rankCounts(x, target));
  if (k > 0) b.output('top', b.topIndices(x, k, target));
  return b.build();
}

/** What the ops say of [rows, cols] values, by sorting; lists of columns with a NaN are left out. */
function naive(values: ArrayLike<number>, target: Int32Array, { rows, cols, k }: Size): Ranked {
  const counts: number[] = new Array(2 * cols).fill(0);
  const top: number[][] = [];
  for (let c = 0; c < cols; c++) {
    const column = Array.from({ length: rows }, (_, r) => values[r * cols + c] as number);
    const own = column[target[c]!];
    const nan = column.findIndex(Number.isNaN);
    if (own !== undefined) {
      counts[c] = nan < 0 ? column.filter((value) => value > own).length : Number.NaN;
      counts[cols + c] = nan < 0 ? column.filter((value) => value === own).length : nan;
    }
    const order = [...column.keys()].sort(
      (p, q) => Number(column[p]! < column[q]!) - Number(column[p]! > column[q]!),
    );
    const list = Array.from({ length: k }, (_, place) => order[place] ?? -1);
    top.push(own === undefined ? list.fill(-1) : nan < 0 ? list : []);
  }
  return { counts, top };
}

interface Ranked {
  readonly counts: number[];
  readonly top: number[][];
}

function rankedBy(
  outputs: Readonly<Record<string, ArrayLike<number>>>,
  expected: Ranked,
  { cols, k }: Size,
): Ranked {
  const top = expected.top.map((list, c) =>
    list.length === 0 ? [] : Array.from({ length: k }, (_, place) => outputs.top![place * cols + c]!),
  );
  return { counts: Array.from(outputs.counts!), top };
}

/** Few different values, infinities and, if asked for, a NaN in some columns. */
function drawValues(random: RandomStream, { rows, cols }: Size, nan: boolean): Float32Array {
  const values = Float32Array.from({ length: rows * cols }, () => random.nextBelow(9) - 4);
  for (let i = 0; i < values.length; i += 1 + random.nextBelow(40)) {
    values[i] = random.nextFloat() < 0.5 ? Number.NEGATIVE_INFINITY : random.nextFloat();
  }
  for (let i = 0; nan && i < 3; i++) values[random.nextBelow(values.length)] = Number.NaN;
  return values;
}

/** A row for each column, or none: never, now and then, always. */
function drawTargets(random: RandomStream, { rows, cols }: Size, trial: number): Int32Array {
  const idle = [0, 0.4, 0, 0.9, 1][trial % 5]!;
  return Int32Array.from({ length: cols }, () => (random.nextFloat() < idle ? -1 : random.nextBelow(rows)));
}

/** Rows that often have the target, and places without a row. */
function drawAdjustments(
  random: RandomStream,
  { rows, cols }: Size,
  target: Int32Array,
  places: number,
): { adjusted: Int32Array; scale: Float32Array; added: Float32Array } {
  const adjusted = new Int32Array(cols * places).fill(-1);
  for (let column = 0; column < cols; column++) {
    const own = adjusted.subarray(column * places, (column + 1) * places);
    for (let place = 0; place < places; place++) {
      const row = place === 1 ? target[column]! : random.nextBelow(rows + 1) - 1;
      if (!own.includes(row)) own[place] = row;
    }
  }
  return {
    adjusted,
    scale: Float32Array.from(adjusted, () => 0.5 + random.nextFloat()),
    added: Float32Array.from(adjusted, () => random.nextFloat() - 0.25),
  };
}

describe.each(Object.entries(variants))('rank-counts and top-indices on %s', (_name, options) => {
  const engine = createWasmEngine(options);

  it.each(sizes)('agree with sorting: ties, infinities, NaN, no target, %o', (size) => {
    const runtime = engine.load([ranking(size)]);
    const random = new RandomStream(1, 'ranking');
    for (let trial = 0; trial < 6; trial++) {
      const x = drawValues(random, size, trial % 3 === 2);
      const target = drawTargets(random, size, trial);
      const expected = naive(x, target, size);
      expect(rankedBy(runtime.run('ranking', { x, target }), expected, size)).toEqual(expected);
    }
    runtime.dispose();
  });

  const products = sizes.flatMap((size) => [0, 3].map((places) => ({ size, places })));

  it.each(products)('rank a product exactly by its separately computed scores, %o', ({ size, places }) => {
    const runtime = engine.load(
      (['ranking', 'scores'] as const).map((name) => rankedProduct(size, name, places)),
    );
    const random = new RandomStream(2, 'ranking');
    for (let trial = 0; trial < 3; trial++) {
      const table = Float32Array.from({ length: size.rows * INNER }, () => random.nextFloat() - 0.5);
      // Equal rows have equal scores.
      for (let row = 0; row + 3 < size.rows; row += 3) table.copyWithin(row * INNER, 0, INNER);
      if (trial % 3 === 2) table[random.nextBelow(table.length)] = Number.NaN;
      runtime.write('table', table);
      runtime.write(
        'bias',
        Float32Array.from({ length: size.rows }, (_, row) => (row % 2) / 4),
      );
      const hidden = Float32Array.from({ length: size.cols * INNER }, () => random.nextFloat() - 0.5);
      const target = drawTargets(random, size, trial);
      const drawn = drawAdjustments(random, size, target, places);
      if (places > 0 && trial % 3 === 1) drawn.added[random.nextBelow(places)] = Number.NaN;
      const adjustments: Record<string, Int32Array | Float32Array> = places > 0 ? { ...drawn } : {};
      const scores = Float32Array.from(runtime.run('scores', { hidden, ...adjustments }).scores!);
      const expected = naive(scores, target, size);
      const outputs = runtime.run('ranking', { hidden, target, ...adjustments });
      expect(rankedBy(outputs, expected, size)).toEqual(expected);
    }
    runtime.dispose();
  });

  it('skip a list with infinite thresholds, and list −∞ last', () => {
    const size = { rows: 5, cols: 1, k: 4 } as unknown as Size;
    const x = Float32Array.of(-Infinity, Infinity, -Infinity, Infinity, -Infinity);
    const runtime = engine.load([ranking(size)]);
    const { counts, top } = runtime.run('ranking', { x, target: Int32Array.of(2) });
    expect([...counts!]).toEqual([2, 3]);
    expect([...top!]).toEqual([1, 3, 0, 2]);
    runtime.dispose();
  });
});

/** A ranking of adjusted scores, which also outputs the scores before. */
function readBeforeAdjusting(): Program {
  const b = new ProgramBuilder('ranking');
  const hidden = b.input('hidden', { dtype: 'f32', rows: 20, cols: INNER });
  const product = b.matmul(b.variable('table', 'table', 30, INNER), hidden, { transposeB: true });
  const linear = b.add(product, b.variable('bias', 'table', 30, 1));
  b.output('linear', linear);
  const adjusted = b.input('adjusted', { dtype: 'i32', rows: 20, cols: 2 });
  const one = b.constant(1, 20, 2);
  return ranked(b, b.adjust(linear, adjusted, one, one), 3);
}

describe('RANK_PRODUCT', () => {
  const size = sizes[5];
  const kernels = (program: Program, threads = 1): readonly string[] =>
    createWasmEngine({ threads, threadsFrom: 0 }).load([program]).kernels('ranking');

  it.each([
    ['its column and both rankings', size, 0],
    ['its column and counts without lists', { ...size, k: 0 } as unknown as Size, 0],
    ['its column, adjustments and both rankings', size, 3],
  ])('takes the place of the product, %s', (_, ofSize, places) => {
    expect(ofSize.cols).toBeGreaterThanOrEqual(8 * 2);
    const fused = kernels(rankedProduct(ofSize, 'ranking', places), 2);
    expect(fused).toContain('RANK_PRODUCT');
    for (const other of ['NN', 'ADJUST', 'RANK_SHARES', 'TOP_SHARES']) expect(fused).not.toContain(other);
  });

  it('leaves rankings of few columns, of other values and of scores that are read elsewhere to their own kernels', () => {
    const shared = new ProgramBuilder('ranking');
    const table = shared.variable('table', 'table', 30, INNER);
    const hidden = shared.input('hidden', { dtype: 'f32', rows: 20, cols: INNER });
    const scores = shared.add(
      shared.matmul(table, hidden, { transposeB: true }),
      shared.variable('bias', 'table', 30, 1),
    );
    shared.output('scores', scores);
    const others = [
      rankedProduct(sizes[1], 'ranking'),
      ranking(size),
      ranked(shared, scores, 3),
      readBeforeAdjusting(),
    ];
    for (const program of others) {
      expect(kernels(program)).toEqual(expect.arrayContaining(['RANK_SHARES', 'TOP_SHARES']));
      expect(kernels(program)).not.toContain('RANK_PRODUCT');
    }
  });
});
