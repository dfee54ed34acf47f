import { expectAgreement, poison, randomProgram } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createWasmEngine } from '../src/index.ts';

const PROGRAMS = 240;

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
