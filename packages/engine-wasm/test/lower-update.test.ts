import {
  adagrad,
  capGradients,
  composeRegion,
  type Optimizer,
  type Program,
  ProgramBuilder,
  type Shape,
  sgd,
} from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { expectClose, float32Tolerance, scalarsOf } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createWasmEngine, type WasmRuntime } from '../src/index.ts';

const scalar: Shape = { dtype: 'f32', rows: 1, cols: 1 };

/** θ' = θ − η·g / ‖g‖₁ over all touched rows, and a slot that keeps the value before. */
const normalizedSgd: Optimizer = {
  name: 'normalized-sgd',
  slots: ['before'],
  scalars: ['learningRate'],
  scalarsAt: () => ({}),
  compose: (ids, shape) =>
    composeRegion(
      ids,
      'normalized-sgd',
      {},
      [shape, shape, shape, scalar],
      (g, value, gradient, _before, rate) => {
        const magnitude = g.add(g.relu(gradient!), g.relu(g.affine(gradient!, -1, 0)));
        const norm = g.sum(g.sum(magnitude, 1), 0);
        return [g.subtract(value!, g.divide(g.multiply(gradient!, rate!), norm)), value!];
      },
    ),
};

/** Those with kernels of their own, and one without that is not element-wise; `engineConformance` has the others. */
const optimizers: Readonly<Record<string, Optimizer>> = {
  adagrad: adagrad({ epsilon: 1e-6 }),
  'adagrad with momentum': adagrad({ epsilon: 1e-6, momentum: 0.3 }),
  'normalized-sgd': normalizedSgd,
};

function uniform(length: number, random: RandomStream): Float32Array {
  return Float32Array.from({ length }, () => 2 * random.nextFloat() - 1);
}

/** Runs a program on both engines for three steps and compares every variable after each. */
function agrees(program: Program, inputs: Record<string, Float32Array | Int32Array>): WasmRuntime {
  const [actual, expected] = [createWasmEngine(), createReferenceEngine()].map((e) => e.load([program]));
  const random = new RandomStream(3, 'lower-update');
  for (const { name, kind, rows, cols } of expected!.variables) {
    // Slots may hold averages of squares.
    const values = uniform(rows * cols, random).map((x) => (kind === 'slot' ? Math.abs(x) : x));
    for (const runtime of [actual!, expected!]) runtime.write(name, values);
  }
  for (let step = 0; step < 3; step++) {
    for (const runtime of [actual!, expected!]) runtime.run(program.name, inputs);
    for (const { name } of expected!.variables) {
      expectClose(actual!.read(name), expected!.read(name), { ...float32Tolerance, name });
    }
  }
  return actual as WasmRuntime;
}

describe('lowerUpdate', () => {
  it.each(
    Object.keys(optimizers).flatMap((name) =>
      [
        [5, 1],
        [1, 6],
      ].map(([rows, cols]) => [name, rows, cols] as const),
    ),
  )('runs %s on a dense [%i, %i]', (name, rows, cols) => {
    const b = new ProgramBuilder('dense');
    const w = b.variable('w', 'parameter', rows, cols);
    const x = b.input('x', { dtype: 'f32', rows, cols });
    const tensor = b.add(b.multiply(w, w), x);
    b.update('w', { kind: 'dense', tensor }, optimizers[name]!, scalarsOf(b, optimizers[name]!, 0.1));
    agrees(b.build(), { x: uniform(rows * cols, new RandomStream(1, 'x')) });
  });

  it.each(Object.keys(optimizers).flatMap((name) => [1, 3, 18].map((cols) => [name, cols] as const)))(
    'runs %s on rows of %i, with equal rows, absent ones and a product',
    (name, cols) => {
      const b = new ProgramBuilder('rows');
      b.variable('table', 'table', 90, cols);
      const input = (key: string, rows: number, width: number, dtype: 'f32' | 'i32' = 'f32') =>
        b.input(key, { dtype, rows, cols: width });
      const factors = b.tanh(input('scores', 150, 6));
      const parts = [
        { indices: input('i', 9, 1, 'i32'), rows: input('x', 9, cols) },
        { indices: input('j', 150, 1, 'i32'), rows: b.matmul(factors, b.tanh(input('h', 6, cols))) },
      ];
      b.update('table', { kind: 'rows', parts }, optimizers[name]!, scalarsOf(b, optimizers[name]!, 0.1));
      const random = new RandomStream(2, 'rows');
      const runtime = agrees(b.build(), {
        i: Int32Array.of(3, -1, 3, 89, 0, 3, -1, 17, 89),
        x: uniform(9 * cols, random),
        j: Int32Array.from({ length: 150 }, (_, n) => (n % 7 === 0 ? -1 : random.nextBelow(90))),
        scores: uniform(150 * 6, random),
        h: uniform(6 * cols, random),
      });
      expect(runtime.read('table').every(Number.isFinite)).toBe(true);
    },
  );

  it.each([
    [0, true],
    [0.1, false],
  ])('runs adagrad with weight decay %d by its kernels: %s', (weightDecay, kernels) => {
    const b = new ProgramBuilder('decay');
    b.variable('w', 'parameter', 5, 6);
    b.variable('table', 'table', 5, 6);
    const x = b.input('x', { dtype: 'f32', rows: 5, cols: 6 });
    const parts = [{ indices: b.input('i', { dtype: 'i32', rows: 5, cols: 1 }), rows: x }];
    const optimizer = adagrad({ weightDecay });
    b.update('w', { kind: 'dense', tensor: x }, optimizer, [b.constant(0.1)]);
    b.update('table', { kind: 'rows', parts }, optimizer, [b.constant(0.1)]);
    const inputs = { x: uniform(30, new RandomStream(1, 'x')), i: Int32Array.of(4, -1, 4, 0, 1) };
    const used = agrees(b.build(), inputs).kernels('decay');
    expect(['ADAGRAD', 'ADAGRAD_ROWS'].map((kernel) => used.includes(kernel))).toEqual([kernels, kernels]);
  });

  it.each([0.01, 1000])('scales row and dense gradients by a norm cap of %d', (cap) => {
    const b = new ProgramBuilder('cap');
    const items = b.input('i', { dtype: 'i32', rows: 9, cols: 1 });
    const rows = b.gather(b.variable('table', 'table', 30, 6), items);
    const bias = b.gather(b.variable('bias', 'table', 30, 1), items);
    const product = b.matmul(rows, b.variable('w', 'parameter', 6, 6));
    const loss = b.sum(b.sum(b.tanh(b.add(product, bias)), 0), 1);
    for (const [name, gradient] of capGradients(b, b.gradients(loss), cap)) {
      b.update(name, gradient, sgd(), [b.constant(0.1)]);
    }
    agrees(b.build(), { i: Int32Array.of(3, -1, 3, 29, 0, 3, -1, 17, 29) });
  });

  it('reads a variable’s value before the step, even if another update or assignment changes it', () => {
    const b = new ProgramBuilder('order');
    const [v, w] = ['v', 'w'].map((name) => b.variable(name, 'parameter', 5, 6));
    b.update('v', { kind: 'dense', tensor: w! }, sgd({ momentum: 0.5 }), [b.constant(0.1)]);
    b.update('w', { kind: 'dense', tensor: v! }, sgd({ momentum: 0.5 }), [b.constant(0.1)]);
    b.variable('s', 'state', 5, 6);
    b.assign('s', w!);
    const runtime = agrees(b.build(), {});
    expect(runtime.read('s')).not.toEqual(runtime.read('w'));
  });

  it('keeps factors of gradient rows that are gradient rows themselves under another name', () => {
    const b = new ProgramBuilder('alias');
    b.variable('table', 'table', 3, 6);
    const [i, j] = ['i', 'j'].map((name) => b.input(name, { dtype: 'i32', rows: 4, cols: 1 }));
    const factors = b.tanh(b.input('x', { dtype: 'f32', rows: 4, cols: 6 }));
    const matrix = b.tanh(b.input('m', { dtype: 'f32', rows: 6, cols: 6 }));
    const parts = [
      { indices: i!, rows: b.matmul(factors, matrix) },
      { indices: j!, rows: b.stopGradient(factors) },
    ];
    b.update('table', { kind: 'rows', parts }, sgd({ momentum: 0.5 }), [b.constant(0.1)]);
    const random = new RandomStream(4, 'alias');
    const [x, m] = [uniform(24, random), uniform(36, random)];
    const runtime = agrees(b.build(), { i: Int32Array.of(1, 1, 1, -1), j: Int32Array.of(0, 1, 2, 0), x, m });
    expect(runtime.kernels('alias')).toContain('SUM_ROW_GRADIENTS');
  });

  it('multiplies gradient rows by a matrix’s value before its own update', () => {
    const b = new ProgramBuilder('matrix');
    const weights = b.variable('weights', 'parameter', 4, 6);
    b.variable('table', 'table', 8, 6);
    const indices = b.input('i', { dtype: 'i32', rows: 5, cols: 1 });
    const factors = b.tanh(b.input('x', { dtype: 'f32', rows: 5, cols: 4 }));
    const rate = b.constant(0.5);
    const rows = b.matmul(factors, weights);
    b.update('weights', { kind: 'dense', tensor: weights }, sgd(), [rate]);
    b.update('table', { kind: 'rows', parts: [{ indices, rows }] }, sgd(), [rate]);
    const x = uniform(20, new RandomStream(1, 'x'));
    const runtime = agrees(b.build(), { i: Int32Array.of(0, 1, 1, 7, -1), x });
    expect(runtime.kernels('matrix')).toContain('SUM_ROW_GRADIENTS');
  });
});
