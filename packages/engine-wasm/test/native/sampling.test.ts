import { createWasmEngine } from '@gru4rec/engine-wasm';
import { DistinctSamples, type SamplingKernels } from '@gru4rec/sampler';
import { describe, expect, it } from 'vitest';
import { findNativeKernels } from '../../src/native/index.ts';
import { testSampling } from './address-sanitizer/kernel-tests.ts';

const state = findNativeKernels();

if (!state.kernels) it('native kernels sample as JavaScript does', (ctx) => ctx.skip(state.reason));

for (const set of state.kernels ? state.instructionSets : []) {
  const kernels = createWasmEngine({ native: findNativeKernels(set).kernels }).sampling as SamplingKernels;
  testSampling(set, kernels);

  describe(`sampling of ${set}`, () => {
    it('has no room for nothing', () => {
      expect(new DistinctSamples(3, 0, kernels).merge(Int32Array.of(1))).toBe(false);
    });

    it('refuses arrays that do not match', () => {
      const [words, out] = [new Uint32Array(5), new Int32Array(4)];
      expect(() => kernels.draw(words, new Uint32Array(3), new Int32Array(2), out)).toThrow(
        'draw: expected five words, an alias table and an Int32Array',
      );
      expect(() => kernels.merge(out, out, new Int32Array(2), new Float32Array(1))).toThrow(
        'merge: expected samples, places, and items and counts of one length',
      );
    });
  });
}
