import { createWasmEngine } from '@gru4rec/engine-wasm';
import { DistinctSamples, type SamplingKernels } from '@gru4rec/sampler';
import { describe, expect, it, type TestContext } from 'vitest';
import { findNativeKernels } from '../src/index.ts';
import { draws, expectDraws, expectMergeOutside, expectMerges } from './address-sanitizer/sampling.ts';

const sets = ['avx512', 'avx2', 'neon'] as const;

function samplingOr(ctx: TestContext, set: (typeof sets)[number]): SamplingKernels {
  const state = findNativeKernels(set);
  if (!state.kernels) return ctx.skip(state.reason);
  const { sampling } = createWasmEngine({ native: state.kernels });
  return sampling ?? expect.fail('The engine has no native sampling.');
}

describe.for(sets)('sampling of %s', (set) => {
  it.for(draws)('draws the samples of JavaScript: %d items, %d samples', (size, ctx) => {
    const kernels = samplingOr(ctx, set);
    expect(() => expectDraws(kernels, size)).not.toThrow();
  });

  it('merges as JavaScript does, with and without enough room', (ctx) => {
    const kernels = samplingOr(ctx, set);
    expect(() => expectMerges(kernels)).not.toThrow();
  });

  it('merges indices outside the table, which the engine refuses', (ctx) => {
    const kernels = samplingOr(ctx, set);
    expect(() => expectMergeOutside(kernels)).not.toThrow();
  });

  it('has no room for nothing', (ctx) => {
    const kernels = samplingOr(ctx, set);
    expect(new DistinctSamples(3, 0, kernels).merge(Int32Array.of(1))).toBe(false);
  });

  it('refuses arrays that do not match', (ctx) => {
    const kernels = samplingOr(ctx, set);
    const [words, out] = [new Uint32Array(5), new Int32Array(4)];
    expect(() => kernels.draw(words, new Uint32Array(3), new Int32Array(2), out)).toThrow(
      'draw: expected five words, an alias table and an Int32Array',
    );
    expect(() => kernels.merge(out, out, new Int32Array(2), new Float32Array(1))).toThrow(
      'merge: expected samples, places, and items and counts of one length',
    );
  });
});
