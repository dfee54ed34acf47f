import { describe, expect, it } from 'vitest';
import { ProgramBuilder } from '../src/builder.ts';
import { type FloatArray, runProgram, type ScalarArray } from '../src/engine.ts';
import { createReferenceEngine } from '../src/interpreter/index.ts';

interface Inputs {
  readonly items: Int32Array;
  readonly scale: number;
  readonly weights?: Float32Array;
}

/** A program that scales rows of a table and sums them. */
function scaledRows() {
  const b = new ProgramBuilder<Inputs, { readonly rows: FloatArray; readonly sum: ScalarArray }>('scaled');
  const items = b.input('items', { dtype: 'i32', rows: 2, cols: 1 });
  const scale = b.scalarInput('scale');
  const rows = b.multiply(b.gather(b.variable('table', 'table', 3, 1), items), scale);
  b.output('rows', rows);
  b.output('sum', b.sum(rows, 0));
  return b.build();
}

describe('runProgram', () => {
  it('runs a program by its handle, with arrays of the declared types', () => {
    const program = scaledRows();
    const runtime = createReferenceEngine().load([program]);
    runtime.write('table', [1, 10, 100]);
    const { rows, sum } = runProgram(runtime, program, { items: Int32Array.of(2, 0), scale: 2 });
    const total: number = sum[0];
    expect([...rows]).toEqual([200, 2]);
    expect(total).toBe(202);
  });

  it('does not compile with a missing, misspelt or wrongly typed input or output', () => {
    const program = scaledRows();
    const runtime = createReferenceEngine().load([program]);
    const items = Int32Array.of(0, 0);
    // @ts-expect-error `scale` is missing.
    expect(() => runProgram(runtime, program, { items })).toThrow(RangeError);
    // @ts-expect-error `item` is not an input.
    expect(() => runProgram(runtime, program, { item: items, items, scale: 1 })).toThrow(RangeError);
    // @ts-expect-error items are integers.
    expect(() => runProgram(runtime, program, { items: Float32Array.of(0, 0), scale: 1 })).toThrow(TypeError);
    // @ts-expect-error `row` is not an output.
    expect(runProgram(runtime, program, { items, scale: 1 }).row).toBeUndefined();
    const b = new ProgramBuilder<Inputs, object>('wrong');
    // @ts-expect-error items are integers.
    b.input('items', { dtype: 'f32', rows: 2, cols: 1 });
    // @ts-expect-error `weight` is not an input.
    b.input('weight', { dtype: 'f32', rows: 2, cols: 1 });
    expect(b.input('weights', { dtype: 'f32', rows: 2, cols: 1 })).toMatchObject({ dtype: 'f32' });
  });
});
