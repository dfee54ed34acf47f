import { capGradients, type Gradient, type InputValue, ProgramBuilder, sgd } from '@gru4rec/program';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '../src/interpreter/index.ts';
import { builder, uniform } from './fixtures.ts';

const ITEMS = 5;
const COLS = 2;
/** Equal rows within and across parts, and −1. */
const indices = { i: Int32Array.of(3, -1, 3, 0), j: Int32Array.of(0, 3, -1) };

/** Subtracts gradients, which are inputs, from variables at 0: dense `w`, and `table` in two parts. */
function descending(cap: number) {
  const b = new ProgramBuilder('step');
  b.variable('w', 'parameter', 3, COLS);
  b.variable('table', 'table', ITEMS, COLS);
  const parts = Object.entries(indices).map(([name, { length }]) => ({
    indices: b.input(name, { dtype: 'i32', rows: length, cols: 1 }),
    rows: b.input(`rows ${name}`, { dtype: 'f32', rows: length, cols: COLS }),
  }));
  const gradients = new Map<string, Gradient>([
    ['w', { kind: 'dense', tensor: b.input('dense', { dtype: 'f32', rows: 3, cols: COLS }) }],
    ['table', { kind: 'rows', parts }],
  ]);
  for (const [name, gradient] of capGradients(b, gradients, cap)) {
    b.update(name, gradient, sgd(), [b.constant(1)]);
  }
  return createReferenceEngine().load([b.build()]);
}

function drawn(scale: number): { inputs: Record<string, InputValue>; w: number[]; table: number[] } {
  const [dense, rowsI, rowsJ] = [3, 4, 3].map((rows, seed) =>
    uniform(rows * COLS, seed).map((x) => scale * x),
  ) as [Float32Array, Float32Array, Float32Array];
  const table = Array.from({ length: ITEMS * COLS }, () => 0);
  for (const [list, rows] of [
    [indices.i, rowsI],
    [indices.j, rowsJ],
  ] as const) {
    for (const [at, g] of rows.entries()) {
      const row = list[Math.floor(at / COLS)] as number;
      if (row >= 0) table[row * COLS + (at % COLS)] = (table[row * COLS + (at % COLS)] as number) + g;
    }
  }
  return { inputs: { ...indices, dense, 'rows i': rowsI, 'rows j': rowsJ }, w: Array.from(dense), table };
}

describe('capGradients', () => {
  it('scales 3 and 4 from norm 5 to the cap', () => {
    const b = new ProgramBuilder('step');
    const tensor = b.input('g', { dtype: 'f32', rows: 1, cols: 2 });
    const capped = capGradients(b, new Map([['w', { kind: 'dense', tensor }]]), 1).get('w');
    if (capped?.kind !== 'dense') throw new TypeError('expected a dense gradient');
    b.output('capped', capped.tensor);
    const runtime = createReferenceEngine().load([b.build()]);
    const { capped: values } = runtime.run('step', { g: Float32Array.of(3, 4) });
    expectClose(values ?? [], [3 / 5, 4 / 5], { absolute: 1e-15, relative: 0 });
  });

  it.each([
    [1, 100],
    [1, 1.5],
    [1e-3, 1.5],
    [100, 1.5],
  ])('agrees with the norm of summed rows for gradients of %d and a cap of %d', (size, cap) => {
    const { inputs, w, table } = drawn(size);
    const norm = Math.sqrt([...w, ...table].reduce((sum, g) => sum + g * g, 0));
    const scale = norm > cap ? cap / norm : 1;
    const runtime = descending(cap);
    runtime.run('step', inputs);
    for (const [name, gradient] of Object.entries({ w, table })) {
      const expected = gradient.map((g) => -scale * g);
      expectClose(runtime.read(name), expected, { absolute: 1e-13, relative: 1e-13, name });
    }
  });

  it('keeps gradients that are all 0', () => {
    const { inputs } = drawn(0);
    const runtime = descending(1);
    runtime.run('step', inputs);
    expect(Array.from(runtime.read('w')).map(Math.abs)).toEqual(Array(6).fill(0));
    expect(Array.from(runtime.read('table')).map(Math.abs)).toEqual(Array(10).fill(0));
  });

  it('keeps kinds, order and indices', () => {
    const { b, f32, i32 } = builder();
    const list = i32(2);
    const gradients = new Map<string, Gradient>([
      ['table', { kind: 'rows', parts: [{ indices: list, rows: f32(2, 3) }] }],
      ['w', { kind: 'dense', tensor: f32(2, 2) }],
    ]);
    const capped = capGradients(b, gradients, 1);
    expect([...capped.keys()]).toEqual(['table', 'w']);
    expect(capped.get('table')).toMatchObject({ kind: 'rows', parts: [{ indices: list }] });
    expect(capGradients(b, new Map(), 1).size).toBe(0);
  });
});
