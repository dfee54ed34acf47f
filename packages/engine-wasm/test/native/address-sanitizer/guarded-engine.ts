import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWasmEngine, type WasmEngineOptions } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';
import type { SamplingKernels } from '@gru4rec/sampler';

interface Guarded {
  readonly instructionSets: readonly string[];
  /** Number of checked calls on this thread, by instruction set and kernel: `avx2 NN`. */
  readonly calls: ReadonlyMap<string, number>;
  sampling(instructionSet: string): SamplingKernels;
  /** Number of the memory that was created last. */
  lastMemory(): number;
}

const path = fileURLToPath(new URL('guarded.cjs', import.meta.url));
/** The addon that checks every call. */
export const guarded: Guarded = createRequire(import.meta.url)(path);

/** The wasm engine with native kernels of one instruction set, each call of which is checked. */
export function guardedEngine(instructionSet: string, options: WasmEngineOptions): Engine {
  const engine = createWasmEngine({ ...options, native: { path, instructionSet } });
  return {
    name: engine.name,
    load(programs) {
      const runtime = engine.load(programs);
      const calls = [...programs.map(({ name }) => name), ...runtime.ownPrograms].flatMap((name) =>
        runtime.callMemory(name),
      );
      const file = join(process.env.GUARDED_CALLS ?? '', `${guarded.lastMemory()}.json`);
      writeFileSync(file, JSON.stringify(calls));
      return runtime;
    },
  };
}
