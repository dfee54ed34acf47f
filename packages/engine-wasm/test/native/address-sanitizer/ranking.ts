import { type Engine, type Program, ProgramBuilder, type Tensor } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { expect } from 'vitest';

const INNER = 6;

/** Sizes of a ranking: rows of the table, slots, length of the lists (0: none), adjusted rows per slot. */
export const rankings = [
  { rows: 3, slots: 40, k: 7, places: 0, nan: false },
  { rows: 3, slots: 40, k: 7, places: 5, nan: false },
  { rows: 259, slots: 34, k: 64, places: 0, nan: false },
  { rows: 259, slots: 34, k: 64, places: 10, nan: false },
  { rows: 300, slots: 27, k: 20, places: 0, nan: true },
  { rows: 300, slots: 27, k: 20, places: 1, nan: true },
  { rows: 300, slots: 27, k: 0, places: 0, nan: true },
  { rows: 259, slots: 34, k: 0, places: 10, nan: false },
] as const;

/** One of `rankings`, or another size. */
export interface RankingSize {
  readonly rows: number;
  readonly slots: number;
  readonly k: number;
  readonly places: number;
  readonly nan: boolean;
}

/** Expects ranks and best rows as on the reference engine, of scores that float32 represents exactly. */
export function expectRanking(engine: Engine, { rows, slots, k, places, nan }: RankingSize): Program {
  const b = new ProgramBuilder('ranking');
  const bias = b.variable('bias', 'table', rows, 1);
  const hidden = b.input('hidden', { dtype: 'f32', rows: slots, cols: INNER });
  const products = b.matmul(b.variable('table', 'table', rows, INNER), hidden, { transposeB: true });
  const linear = b.add(products, bias);
  const adjusted = (): Tensor => b.input('adjusted', { dtype: 'i32', rows: slots, cols: places });
  const values = (of: string): Tensor => b.input(of, { dtype: 'f32', rows: slots, cols: places });
  const scores = places > 0 ? b.adjust(linear, adjusted(), values('scale'), values('added')) : linear;
  const target = b.input('target', { dtype: 'i32', rows: slots, cols: 1 });
  b.output('counts', b.rankCounts(scores, target));
  if (k > 0) b.output('top', b.topIndices(scores, k, target));
  const program = b.build();
  const random = new RandomStream(3, 'ranking');
  const small = (length: number) => Float32Array.from({ length }, () => random.nextBelow(17) - 8);
  const [table, biases] = [small(rows * INNER), small(rows)];
  const inputs = {
    hidden: small(slots * INNER),
    target: Int32Array.from({ length: slots }, () => random.nextBelow(rows + 1) - 1),
  };
  const adjustments: Record<string, Int32Array | Float32Array> = {};
  if (places > 0) {
    const [first, step] = [random.nextBelow(rows + 1), rows + 1];
    // Different rows per slot, and −1 for the rest.
    adjustments.adjusted = Int32Array.from({ length: slots * places }, (_, at) =>
      at % places > rows ? -1 : ((first + 5 * Math.floor(at / places) + (at % places)) % step) - 1,
    );
    adjustments.scale = small(slots * places);
    adjustments.added = small(slots * places);
  }
  if (nan) inputs.hidden[INNER] = Number.NaN;
  const [got, expected] = [engine, createReferenceEngine()].map((e) => {
    const runtime = e.load([program]);
    runtime.write('table', table);
    runtime.write('bias', biases);
    const { counts = [], top = [] } = runtime.run('ranking', { ...inputs, ...adjustments });
    const valid = Array.from(top, (row, i) => (nan && i % slots === 1 ? 0 : row));
    return { counts: Array.from(counts), top: valid };
  });
  expect(got).toEqual(expected);
  return program;
}
