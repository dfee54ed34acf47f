import { createWasmEngine } from '@gru4rec/engine-wasm';
import { ProgramBuilder } from '@gru4rec/program';
import { describe, expect, it, vi } from 'vitest';
import { StepProfiler } from '../../src/training/step-profiler.ts';

/** A training program of one product. */
function product() {
  const b = new ProgramBuilder('train');
  const a = b.variable('a', 'parameter', 4, 4);
  b.output('product', b.matmul(a, a));
  return b.build();
}

/** The report of 100 steps on an engine whose products take `microseconds`, by program. */
function reportOf(instructionSet: string | undefined, microseconds: Record<string, number>): string {
  const real = createWasmEngine({ threads: 1 });
  const profiler = new StepProfiler({
    ...real,
    threads: 2,
    relaxed: true,
    instructionSet,
    load(programs) {
      const runtime = real.load(programs);
      vi.spyOn(runtime, 'profile').mockImplementation((program) => ({
        ops: [{ kernel: 'NN', microseconds: microseconds[program] ?? 0, operations: 2 * 64 * 96 * 64 }],
        outputs: {},
      }));
      return runtime;
    },
  });
  const runtime = profiler.engine.load([product()]);
  for (let step = 0; step < 100; step++) runtime.run('train', {});
  return profiler.report();
}

describe('StepProfiler', () => {
  it('names the kernels that run, and compares them with their own peak', () => {
    // A product of the peak's size in 8 µs: 98.3 GFLOP/s per thread, 196.6 on two.
    const report = reportOf('avx512', { peak: 8, train: 8 });
    expect(report).toMatch(
      /^Profile of 4 steps, op by op, 2 threads, avx512 kernels; peak 196\.6 GFLOP\/s$/m,
    );
    expect(report).toMatch(/│ NN .*│ +98\.3 │ +50\.0 % │$/m);
  });

  it('says which SIMD the kernels of WebAssembly use', () => {
    expect(reportOf(undefined, { peak: 8, train: 80 })).toMatch(
      /2 threads, relaxed SIMD; peak 196\.6 GFLOP\/s$/m,
    );
  });
});
