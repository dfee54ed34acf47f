import { type Program, ProgramBuilder } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { createWasmEngine } from '../src/index.ts';
import { INNER, ranked, rankedProduct, ranking, testRankings } from './ranking-tests.ts';
import { fastVariants } from './variants.ts';

for (const [name, options] of Object.entries(fastVariants))
  testRankings(name, () => createWasmEngine(options));

/** Ranks scores of 30 rows in 20 slots, adjusted or not, which are also an output. */
function readElsewhere(isAdjusted: boolean): Program {
  const b = new ProgramBuilder('ranking');
  const hidden = b.input('hidden', { dtype: 'f32', rows: 20, cols: INNER });
  const product = b.matmul(b.variable('table', 'table', 30, INNER), hidden, { transposeB: true });
  const linear = b.add(product, b.variable('bias', 'table', 30, 1));
  b.output('linear', linear);
  if (!isAdjusted) return ranked(b, linear, 3);
  const one = b.constant(1, 20, 2);
  return ranked(b, b.adjust(linear, b.input('adjusted', { dtype: 'i32', rows: 20, cols: 2 }), one, one), 3);
}

describe('RANK_PRODUCT', () => {
  const size = { rows: 700, slots: 100, k: 20 };
  const kernels = (program: Program, threads = 1): readonly string[] =>
    createWasmEngine({ threads, threadsFrom: 0 }).load([program]).kernels('ranking');

  it.each([
    ['its column and both rankings', size, 0],
    ['its column and counts without lists', { ...size, k: 0 }, 0],
    ['its column, adjustments and both rankings', size, 3],
  ])('takes the place of the product, %s', (_, ofSize, places) => {
    const fused = kernels(rankedProduct(ofSize, 'ranking', places), 2);
    expect(fused).toContain('RANK_PRODUCT');
    for (const other of ['NN', 'ADJUST', 'RANK_SHARES', 'TOP_SHARES']) expect(fused).not.toContain(other);
  });

  it.each([
    ['few slots', rankedProduct({ ...size, slots: 5 }, 'ranking')],
    ['other values', ranking(size)],
    ['scores that are read elsewhere', readElsewhere(false)],
    ['scores that are read before they are adjusted', readElsewhere(true)],
  ])('leaves rankings of %s to their own kernels', (_, program) => {
    expect(kernels(program)).toEqual(expect.arrayContaining(['RANK_SHARES', 'TOP_SHARES']));
    expect(kernels(program)).not.toContain('RANK_PRODUCT');
  });
});
