import type { Runtime } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { expectAgreement, type RandomProgram, randomInputs, randomProgram } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createWasmEngine } from '../src/index.ts';

const PROGRAMS = 240;

/** Fills all memory that a step leaves with NaN, which must not reach the next step. */
function poison(runtime: Runtime, made: RandomProgram): void {
  for (const { name, kind, rows, cols } of runtime.variables) {
    runtime.write(name, new Float32Array(rows * cols).fill(kind === 'slot' ? 0 : Number.NaN));
  }
  const inputs = randomInputs(made, new RandomStream(1, 'poison'));
  for (const values of Object.values(inputs)) if (values instanceof Float32Array) values.fill(Number.NaN);
  runtime.run(made.program.name, inputs);
}

describe('createWasmEngine', () => {
  it.each([
    { threads: 1 },
    { threads: 2, threadsFrom: 0 },
    { threads: 3, threadsFrom: 0, fuse: false, relaxed: false },
  ])('agrees with the reference engine on random programs, whatever its memory contains: %o', (options) => {
    const kernels = new Set<string>();
    for (let seed = 0; seed < PROGRAMS; seed++) {
      const made = randomProgram(seed);
      const runtime = createWasmEngine(options).load([made.program]);
      for (const kernel of runtime.kernels('random')) kernels.add(kernel);
      poison(runtime, made);
      expectAgreement(runtime, made);
    }
    const rare = [
      'ADAGRAD_SCALARS',
      'MERGE_ROWS',
      'ROW_ADDRESSES',
      'ROW_DOTS',
      'SCATTER_ROWS',
      'SUM_ROW_GRADIENTS',
      'SUM_SCALAR_GRADIENTS',
    ];
    expect([...kernels]).toEqual(expect.arrayContaining(['ADAGRAD_ROWS', 'NN', 'TN', ...rare]));
  });
});
