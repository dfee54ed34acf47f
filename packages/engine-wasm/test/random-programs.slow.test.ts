import { expectAgreement, poison, randomProgram } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createWasmEngine } from '../src/index.ts';
import { nativeVariants } from './variants.ts';

const PROGRAMS = 240;

describe('createWasmEngine', () => {
  it.each(
    Object.entries({
      'one thread': { threads: 1 },
      '2 threads': { threads: 2, threadsFrom: 0 },
      '3 threads, plain SIMD, without fused losses': {
        threads: 3,
        threadsFrom: 0,
        fuse: false,
        relaxed: false,
      },
      ...nativeVariants,
    }),
  )('agrees with the reference engine on random programs, whatever its memory contains: %s', (_, options) => {
    const engine = createWasmEngine(options);
    const kernels = new Set<string>();
    for (let seed = 0; seed < PROGRAMS; seed++) {
      const made = randomProgram(seed);
      const runtime = engine.load([made.program]);
      for (const kernel of runtime.kernels('random')) kernels.add(kernel);
      poison(runtime, made);
      expectAgreement(runtime, made);
      runtime.dispose();
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
