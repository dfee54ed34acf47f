import { composeRegion, type Optimizer, ProgramBuilder, type Runtime, type Tensor } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '../../src/interpreter/index.ts';

/** θ' = θ − η·g, count' = count + 1; the 1 is a constant with as many rows as the region. */
const counted: Optimizer = {
  name: 'counted',
  slots: ['count'],
  scalars: ['learningRate'],
  scalarsAt: () => ({}),
  compose: (ids, shape) =>
    composeRegion(
      ids,
      'counted',
      {},
      [shape, shape, shape, { dtype: 'f32', rows: 1, cols: 1 }],
      (g, ...inputs) => {
        const [value, gradient, count, rate] = inputs as [Tensor, Tensor, Tensor, Tensor];
        const one = g.constant(1, shape.rows, shape.cols);
        return [g.subtract(value, g.multiply(gradient, rate)), g.add(count, one)];
      },
    ),
};

function rowTraining(): Runtime {
  const b = new ProgramBuilder('step');
  b.variable('table', 'table', 4, 2);
  const parts = [3, 2].map((length, i) => ({
    indices: b.input(`indices${i}`, { dtype: 'i32', rows: length, cols: 1 }),
    rows: b.input(`rows${i}`, { dtype: 'f32', rows: length, cols: 2 }),
  }));
  b.update('table', { kind: 'rows', parts }, counted, [b.constant(0.5)]);
  return createReferenceEngine().load([b.build()]);
}

const rows0 = Float32Array.of(1, 2, 10, 20, 4, 8);
const rows1 = Float32Array.of(2, 4, 6, 6);

describe('applyUpdate', () => {
  it('sums rows of equal indices over all parts, steps each once and skips −1', () => {
    const runtime = rowTraining();
    runtime.write('table', [100, 100, 100, 100, 100, 100, 100, 100]);
    runtime.run('step', { indices0: Int32Array.of(2, -1, 2), rows0, indices1: Int32Array.of(2, 0), rows1 });
    const row0 = [100 - 0.5 * 6, 100 - 0.5 * 6];
    const row2 = [100 - 0.5 * (1 + 4 + 2), 100 - 0.5 * (2 + 8 + 4)];
    expect(Array.from(runtime.read('table'))).toEqual([...row0, 100, 100, ...row2, 100, 100]);
    expect(Array.from(runtime.read('table.count'))).toEqual([1, 1, 0, 0, 1, 1, 0, 0]);
  });

  it('changes nothing if every index is −1', () => {
    const runtime = rowTraining();
    const none = { indices0: Int32Array.of(-1, -1, -1), rows0, indices1: Int32Array.of(-1, -1), rows1 };
    runtime.run('step', none);
    expect(runtime.read('table')).toEqual(new Float64Array(8));
    expect(runtime.read('table.count')).toEqual(new Float64Array(8));
  });

  it('steps a dense variable as a whole', () => {
    const b = new ProgramBuilder('step');
    const w = b.variable('w', 'parameter', 2, 1);
    b.update('w', { kind: 'dense', tensor: b.affine(w, 2, 0) }, counted, [
      b.input('rate', { dtype: 'f32', rows: 1, cols: 1 }),
    ]);
    const runtime = createReferenceEngine().load([b.build()]);
    runtime.write('w', [1, -3]);
    runtime.run('step', { rate: 0.25 });
    expect(Array.from(runtime.read('w'))).toEqual([0.5, -1.5]);
    expect(Array.from(runtime.read('w.count'))).toEqual([1, 1]);
  });

  it('computes every update from the values at the start of the step', () => {
    const b = new ProgramBuilder('swap');
    const [p, q] = ['p', 'q'].map((name) => b.variable(name, 'parameter', 1, 1));
    b.update('p', { kind: 'dense', tensor: q }, counted, [b.constant(1)]);
    b.update('q', { kind: 'dense', tensor: p }, counted, [b.constant(1)]);
    const runtime = createReferenceEngine().load([b.build()]);
    runtime.write('p', [5]);
    runtime.write('q', [3]);
    runtime.run('swap', {});
    expect([runtime.read('p')[0], runtime.read('q')[0]]).toEqual([5 - 3, 3 - 5]);
  });

  it('names an index outside the table', () => {
    const outside = { indices0: Int32Array.of(0, 1, 4), rows0, indices1: Int32Array.of(0, 0), rows1 };
    expect(() => rowTraining().run('step', outside)).toThrow(
      new RangeError('update of "table": index expected -1 to 3, got 4. The table has 4 rows.'),
    );
  });
});
