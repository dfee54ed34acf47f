import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Engine, ProgramBuilder, sgd } from '@gru4rec/program';
import { engineConformance, float32Tolerance } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createWasmEngine } from '../src/index.ts';
import { loadSmallStep, smallLosses, smallStepInputs } from './small-step.ts';
import { fastVariants, slowVariants } from './variants.ts';

for (const [name, options] of Object.entries(fastVariants)) {
  engineConformance({ name, createEngine: () => createWasmEngine(options), tolerance: float32Tolerance });
}

describe('createWasmEngine', () => {
  it.each(Object.entries({ ...fastVariants, ...slowVariants }))(
    'gives the same bits for the same steps, also with other programs loaded: %s',
    (_name, options) => {
      const b = new ProgramBuilder('other');
      b.output('row', b.slice(b.variable('five', 'table', 5, 2), 1, 2));
      const engine = createWasmEngine(options);
      const [one, other] = [loadSmallStep(engine), loadSmallStep(engine, b.build())];
      expect(smallLosses(one, 20)).toEqual(smallLosses(other, 20));
      for (const { name } of one.variables) expect(one.read(name)).toEqual(other.read(name));
    },
  );

  it('allocates nothing in a step: memory stays, the heap does not grow', () => {
    const runtime = loadSmallStep(createWasmEngine());
    const inputs = smallStepInputs(0);
    const run = (steps: number): void => {
      for (let step = 0; step < steps; step++) runtime.run('small', inputs);
    };
    run(500);
    const bytes = runtime.memoryBytes;
    // A leak of steps grows in every round; memory of the test runner does not.
    const kept = [1, 2, 3, 4, 5].map(() => {
      const before = retainedBytes();
      run(2000);
      return retainedBytes() - before;
    });
    // Below 50 bytes per step: no array, not even a small object, survives one.
    expect(Math.min(...kept)).toBeLessThan(100_000);
    expect(runtime.memoryBytes).toBe(bytes);
  });
});

v8.setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Bytes of heap and of array buffers that are still in use. */
function retainedBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('a runtime', () => {
  it.each([3, 31, 32, 33, 100])('keeps what is written of all rows, or of some, with %d columns', (cols) => {
    const b = new ProgramBuilder('keep');
    b.output('last', b.slice(b.variable('table', 'table', 5, cols), 4, 5));
    const runtime = createWasmEngine().load([b.build()]);
    const values = Float32Array.from({ length: 5 * cols }, (_, at) => at + 1);
    const some = values.subarray(0, 2 * cols).map((value) => -value);
    for (const given of [values, Array.from(values)]) {
      runtime.write('table', given);
      expect(runtime.read('table')).toEqual(values);
      runtime.write('table', given === values ? some : Array.from(some), 3);
      expect(runtime.read('table')).toEqual(Float32Array.from([...values.subarray(0, 3 * cols), ...some]));
    }
  });
});

describe('load', () => {
  const engine: Engine = createWasmEngine();

  it('refuses a model that does not fit in 4 GiB', () => {
    const b = new ProgramBuilder('huge');
    const indices = b.input('indices', { dtype: 'i32', rows: 1, cols: 1 });
    b.output('row', b.gather(b.variable('table', 'table', 20_000_000, 100), indices));
    expect(() => engine.load([b.build()])).toThrow(
      new RangeError(
        'engine-wasm: expected a model of at most 4 GiB, got 7.5 GiB. Lower batchSize, nSample or layers',
      ),
    );
  });

  it('refuses best rows that index a lower table', () => {
    const b = new ProgramBuilder('lower');
    const best = b.topIndices(b.input('x', { dtype: 'f32', rows: 9, cols: 1 }), 2);
    b.output('rows', b.gather(b.variable('table', 'table', 5, 2), best));
    expect(() => engine.load([b.build()])).toThrow(
      'load: a list of the best of 9 rows expected a table with at least 9 rows to gather from, got 5 rows',
    );
  });

  it('works above 2 GiB, where addresses have no sign bit to spare', () => {
    const items = 5_600_000;
    const b = new ProgramBuilder('large');
    const indices = b.input('indices', { dtype: 'i32', rows: 2, cols: 1 });
    const rows = b.gather(b.variable('table', 'table', items, 100), indices);
    b.output('rows', rows);
    const shifted = b.affine(rows, 0, -2);
    b.update('table', { kind: 'rows', parts: [{ indices, rows: shifted }] }, sgd(), [b.constant(1)]);
    const runtime = createWasmEngine().load([b.build()]);
    expect(runtime.memoryBytes).toBeGreaterThan(2 ** 31);
    const last = { indices: Int32Array.of(items - 1, -1) };
    runtime.run('large', last);
    const after = runtime.run('large', last).rows ?? [];
    expect(Array.from(after)).toEqual([...Array(100).fill(2), ...Array(100).fill(0)]);
    runtime.dispose();
  });
});
