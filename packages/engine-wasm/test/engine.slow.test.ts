import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ProgramBuilder } from '@gru4rec/program';
import { poison, randomProgram } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createWasmEngine } from '../src/index.ts';
import { testKernels, testRandomPrograms } from './kernel-tests.ts';
import { fastVariants, slowVariants } from './variants.ts';

for (const [name, options] of Object.entries(slowVariants)) {
  testKernels(name, (more) => createWasmEngine({ ...options, ...more }), 240, poison);
}
for (const [name, options] of Object.entries(fastVariants)) {
  testRandomPrograms(name, () => createWasmEngine(options), 240, poison);
}

it('is tested by random programs that have the rare kernels', () => {
  const programs = Array.from({ length: 240 }, (_, seed) => randomProgram(seed).program);
  const kernels = programs.flatMap((program) => {
    const runtime = createWasmEngine({ threads: 1 }).load([program]);
    runtime.dispose();
    return runtime.kernels(program.name);
  });
  const rows = [
    'MERGE_ROWS',
    'ROW_ADDRESSES',
    'ROW_DOTS',
    'SCATTER_ROWS',
    'ADAGRAD_ROWS',
    'SUM_ROW_GRADIENTS',
  ];
  const scalars = ['ADAGRAD_SCALARS', 'SUM_SCALAR_GRADIENTS'];
  expect(kernels).toEqual(expect.arrayContaining(['NN', 'TN', ...rows, ...scalars]));
});

v8.setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describe('a runtime', () => {
  it('gives its memory back when it is disposed of, also that of other threads', () => {
    const b = new ProgramBuilder('scores');
    const table = b.variable('table', 'table', 2 ** 20, 16);
    b.output(
      'scores',
      b.matmul(table, b.input('x', { dtype: 'f32', rows: 2, cols: 16 }), { transposeB: true }),
    );
    const engine = createWasmEngine({ threads: 2 });
    const values = new Float32Array(2 ** 24).fill(1);
    const resident = Array.from({ length: 14 }, () => {
      const runtime = engine.load([b.build()]);
      runtime.write('table', values);
      runtime.run('scores', { x: new Float32Array(32) });
      runtime.dispose();
      collectGarbage();
      return process.memoryUsage.rss();
    });
    // Seven kept ones of 64 MiB would be 448 MiB more. The least of each half, because other memory of the process moves.
    const least = (from: number) => Math.min(...resident.slice(from, from + 7));
    expect(least(7) - least(0)).toBeLessThan(200 * 2 ** 20);
  });
});
