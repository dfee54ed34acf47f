import { createWasmEngine } from '@gru4rec/engine-wasm';
import { RandomStream } from '@gru4rec/random';
import { DistinctSamples, PopularitySampler } from '@gru4rec/sampler';
import { describe, expect, it, type TestContext } from 'vitest';
import { findNativeKernels } from '../src/index.ts';

const sets = ['avx512', 'avx2', 'neon'] as const;

function samplingOr(ctx: TestContext, set: (typeof sets)[number]) {
  const state = findNativeKernels(set);
  if (!state.kernels) ctx.skip(state.reason);
  return createWasmEngine({ native: state.kernels }).sampling;
}

describe.for(sets)('sampling of %s', (set) => {
  it.for([
    [1, 5],
    [3, 64],
    [1_000, 2_048],
    [27_013, 2_047],
  ] as const)('draws the samples of JavaScript: %d items, %d samples', ([items, count], ctx) => {
    const kernels = samplingOr(ctx, set);
    const random = new RandomStream(1, 'test.support');
    const support = Float64Array.from({ length: items }, () => 1 + Math.floor(random.nextFloat() * 1000));
    const options = { support, alpha: 0.5, seed: 0xfedcba9876543210n };
    const [plain, native] = [new PopularitySampler(options), new PopularitySampler({ ...options, kernels })];
    for (const step of [0, 1, 77, 2 ** 31 + 5, 2 ** 32 - 1]) {
      const [expected, got] = [new Int32Array(count), new Int32Array(count + 1).fill(-7)];
      plain.sample(step, expected);
      native.sample(step, got.subarray(0, count));
      expect(got).toEqual(Int32Array.of(...expected, -7));
    }
  });

  it('merges as JavaScript does, with and without enough room', (ctx) => {
    const kernels = samplingOr(ctx, set);
    const random = new RandomStream(2, 'test.samples');
    for (const capacity of [1, 7, 16, 40]) {
      const [plain, native] = [new DistinctSamples(30, capacity), new DistinctSamples(30, capacity, kernels)];
      for (let step = 0; step < 50; step++) {
        const samples = Int32Array.from({ length: step }, () => Math.floor(random.nextFloat() * 30));
        const fits = plain.merge(samples);
        expect(native.merge(samples)).toBe(fits);
        if (!fits) continue;
        expect(native.items).toEqual(plain.items);
        expect(native.counts).toEqual(plain.counts);
      }
    }
  });

  it('merges indices outside the table, which the engine refuses', (ctx) => {
    const kernels = samplingOr(ctx, set);
    const merged = new DistinctSamples(3, 4, kernels);
    expect(merged.merge(Int32Array.of(2, -1, 3, 2))).toBe(true);
    expect([...merged.items]).toEqual([2, -1, 3, -1]);
    expect([...merged.counts]).toEqual([2, 1, 1, 0]);
  });

  it('has no room for nothing', (ctx) => {
    const kernels = samplingOr(ctx, set);
    expect(new DistinctSamples(3, 0, kernels).merge(Int32Array.of(1))).toBe(false);
  });

  it('refuses arrays that do not match', (ctx) => {
    const kernels = samplingOr(ctx, set);
    const [words, out] = [new Uint32Array(5), new Int32Array(4)];
    expect(() => kernels?.draw(words, new Uint32Array(3), new Int32Array(2), out)).toThrow(
      'draw: expected five words, an alias table and an Int32Array',
    );
    expect(() => kernels?.merge(out, out, new Int32Array(2), new Float32Array(1))).toThrow(
      'merge: expected samples, places, and items and counts of one length',
    );
  });
});
