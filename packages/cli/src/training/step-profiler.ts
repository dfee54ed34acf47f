import type { OpProfile, WasmEngine, WasmRuntime } from '@gru4rec/engine-wasm';
import { type Engine, ProgramBuilder, type Runtime } from '@gru4rec/program';
import Table from 'cli-table3';
import { formatBytes } from '../inspecting/describe-model.ts';
import { count } from '../terminal/progress.ts';

/** One of this many steps is run op by op and timed. */
const ONE_IN = 20;
/** Steps before the first that is timed, to warm up. */
const WARM_UP = 40;

/** Size of the product that measures the peak. Its factors fit in the first-level cache, and it runs on one thread. */
const PEAK = { rows: 64, inner: 96, cols: 64 };
const PEAK_RUNS = 2000;

/** Time of a kernel in all timed steps. */
interface KernelTotal {
  calls: number;
  microseconds: number;
  operations: number;
}

/** Trains like the wasm engine, and measures how long each kernel of a step takes. */
export class StepProfiler {
  readonly engine: Engine;
  readonly #wasm: WasmEngine;
  readonly #totals = new Map<string, KernelTotal>();
  #steps = 0;
  #timed = 0;
  #memoryBytes = 0;

  constructor(engine: WasmEngine) {
    this.#wasm = engine;
    this.engine = { name: this.#wasm.name, load: (programs) => this.#watch(this.#wasm.load(programs)) };
  }

  #watch(runtime: WasmRuntime): Runtime {
    this.#memoryBytes = Math.max(this.#memoryBytes, runtime.memoryBytes);
    return {
      variables: runtime.variables,
      run: (program, inputs) => {
        const training = program.startsWith('train');
        if (training) this.#steps++;
        if (!training || this.#steps < WARM_UP || this.#steps % ONE_IN !== 0)
          return runtime.run(program, inputs);
        const { ops, outputs } = runtime.profile(program, inputs);
        this.#add(ops);
        return outputs;
      },
      read: (variable) => runtime.read(variable),
      detach: (variable) => runtime.detach(variable),
      write: (variable, values, fromRow) => runtime.write(variable, values, fromRow),
      dispose: () => runtime.dispose(),
    };
  }

  #add(ops: readonly OpProfile[]): void {
    this.#timed++;
    for (const { kernel, microseconds, operations } of ops) {
      const total = this.#totals.get(kernel) ?? { calls: 0, microseconds: 0, operations: 0 };
      this.#totals.set(kernel, total);
      total.calls++;
      total.microseconds += microseconds;
      total.operations += operations;
    }
  }

  /** Formats a table of kernels, slowest first, and a line about barriers and memory. */
  report(): string {
    const { threads, relaxed, instructionSet } = this.#wasm;
    if (this.#timed === 0)
      return `Profile: no step was timed in ${count(this.#steps, 'step')}; train for longer`;
    const peak = measurePeak(this.#wasm) * threads;
    const all = [...this.#totals].sort(([, a], [, b]) => b.microseconds - a.microseconds);
    const sum = all.reduce((total, [, { microseconds }]) => total + microseconds, 0);
    const table = new Table({
      head: ['kernel', 'calls', 'µs', 'share', 'GFLOP/s', 'of peak'],
      colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
      style: { head: [], border: [], compact: true },
    });
    for (const [kernel, { calls, microseconds, operations }] of all) {
      const rate = operations / microseconds / 1000;
      const speed = operations > 0 ? [rate.toFixed(1), percent(rate / peak)] : ['', ''];
      const each = [(calls / this.#timed).toFixed(0), (microseconds / this.#timed).toFixed(1)];
      table.push([kernel, ...each, percent(microseconds / sum), ...speed]);
    }
    const barriers = (this.#totals.get('BARRIER')?.calls ?? 0) / this.#timed;
    const kernels = instructionSet ? `${instructionSet} kernels` : `${relaxed ? 'relaxed' : 'plain'} SIMD`;
    const build = `${count(threads, 'thread')}, ${kernels}`;
    return [
      `Profile of ${count(this.#timed, 'step')}, op by op, ${build}; peak ${peak.toFixed(1)} GFLOP/s`,
      table.toString(),
      `A step: ${(sum / this.#timed).toFixed(0)} µs op by op, ${barriers.toFixed(0)} barriers; memory ${formatBytes(this.#memoryBytes)}`,
    ].join('\n');
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** GFLOP/s of one thread with the engine's own kernels, in a product that fits in the first-level cache. */
function measurePeak(engine: WasmEngine): number {
  const { rows, inner, cols } = PEAK;
  const b = new ProgramBuilder('peak');
  const a = b.variable('a', 'parameter', rows, inner);
  b.output('product', b.matmul(a, b.variable('b', 'parameter', inner, cols)));
  const runtime = engine.load([b.build()]);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < PEAK_RUNS; i++) {
    const { ops } = runtime.profile('peak', {});
    best = Math.min(best, ops.find(({ kernel }) => kernel === 'NN')?.microseconds ?? best);
  }
  runtime.dispose();
  return (2 * rows * inner * cols) / best / 1000;
}
