import { createWasmEngine, type WasmEngineOptions } from '@gru4rec/engine-wasm';
import { engineConformance, float32Tolerance } from '@gru4rec/test-support';
import { describe, it } from 'vitest';
import { findNativeKernels } from '../../src/native/index.ts';

const threads: Readonly<Record<string, WasmEngineOptions>> = {
  'on one thread': { threads: 1 },
  'on 2 threads': { threads: 2, threadsFrom: 0 },
  'on 4 threads': { threads: 4, threadsFrom: 0 },
  'without fused losses': { threads: 1, fuse: false },
};

const state = findNativeKernels();
const instructionSets = state.kernels ? state.instructionSets : [];

if (!state.kernels) {
  describe('native kernels', () => {
    it('conform', (ctx) => ctx.skip(state.reason));
  });
}

for (const set of instructionSets) {
  const native = findNativeKernels(set).kernels;
  for (const [name, options] of Object.entries(threads)) {
    engineConformance({
      name: `${set} ${name}`,
      createEngine: () => createWasmEngine({ ...options, native }),
      tolerance: float32Tolerance,
    });
  }
}
