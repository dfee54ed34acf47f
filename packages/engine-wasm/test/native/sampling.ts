import { RandomStream } from '@gru4rec/random';
import { DistinctSamples, PopularitySampler, type SamplingKernels } from '@gru4rec/sampler';
import { describe, expect, it } from 'vitest';

/** Sizes of a draw: items, samples. Vectors of four to 16 words draw 16 to 64 samples at a time. */
const draws = [
  [1, 5],
  [2, 0],
  [3, 64],
  [5, 65],
  [260, 31],
  [1_000, 2_048],
  [27_013, 2_047],
] as const;

/** Expects the samples that JavaScript draws, and nothing written behind them. */
function expectDraws(kernels: SamplingKernels, [items, count]: (typeof draws)[number]): void {
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
}

/** Expects what JavaScript merges, with and without enough room. */
function expectMerges(kernels: SamplingKernels): void {
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
}

/** Expects indices outside the table, which the engine refuses, to be merged like others. */
function expectMergeOutside(kernels: SamplingKernels): void {
  const merged = new DistinctSamples(3, 4, kernels);
  expect(merged.merge(Int32Array.of(2, -1, 3, 2))).toBe(true);
  expect([...merged.items]).toEqual([2, -1, 3, -1]);
  expect([...merged.counts]).toEqual([2, 1, 1, 0]);
}

/** Tests that kernels draw and merge samples as JavaScript does. */
export function testSampling(name: string, kernels: SamplingKernels): void {
  describe(`sampling of ${name}`, () => {
    it.for(draws)('draws the samples of JavaScript: %d items, %d samples', (size) => {
      expect(() => expectDraws(kernels, size)).not.toThrow();
    });

    it('merges as JavaScript does, with and without enough room, and indices outside the table', () => {
      expect(() => expectMerges(kernels)).not.toThrow();
      expect(() => expectMergeOutside(kernels)).not.toThrow();
    });
  });
}
