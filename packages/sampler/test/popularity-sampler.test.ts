import { philoxFill, streamWords } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { buildAliasTable } from '../src/alias-table.ts';
import { logSupport, PopularitySampler } from '../src/popularity-sampler.ts';

const support = [1, 40, 0, 9, 16, 4, 25, 100];

function draws(sampler: PopularitySampler, step: number, count: number): Int32Array {
  const out = new Int32Array(count);
  sampler.sample(step, out);
  return out;
}

/** Σ (observed − expected)² / expected over the items that can be drawn. */
function chiSquare(items: Int32Array, sampler: PopularitySampler): number {
  const counts = new Float64Array(support.length);
  for (const item of items) counts[item]++;
  let sum = 0;
  for (const [item, count] of counts.entries()) {
    const expected = sampler.probability(item) * items.length;
    if (expected > 0) sum += (count - expected) ** 2 / expected;
    else if (count > 0) return Number.POSITIVE_INFINITY;
  }
  return sum;
}

describe('PopularitySampler', () => {
  it.each([
    [0, support.map((count) => Number(count > 0))],
    [0.5, support.map(Math.sqrt)],
    [1, support],
    [2, support.map((count) => count ** 2)],
  ])('has probabilities in proportion to support^%s', (alpha, weights) => {
    const sampler = new PopularitySampler({ support, alpha, seed: 1 });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [item, weight] of weights.entries()) {
      expect(sampler.probability(item)).toBeCloseTo(weight / total, 15);
    }
  });

  it.each([0, 0.75])('draws by its probabilities, in one step or many, alpha %s', (alpha) => {
    const sampler = new PopularitySampler({ support, alpha, seed: 2 });
    // 7 degrees of freedom at most: 24.32 is exceeded once in a thousand.
    expect(chiSquare(draws(sampler, 0, 200_000), sampler)).toBeLessThan(24.32);
    const all = new Int32Array(50_000);
    for (let step = 0; step < 5000; step++) sampler.sample(step, all.subarray(10 * step, 10 * step + 10));
    expect(chiSquare(all, sampler)).toBeLessThan(24.32);
  });

  it('computes cell and fraction as from the exact product of word and item count', () => {
    const items = 1_000_003;
    const counts = Float64Array.from({ length: items }, (_, item) => 1 + (item % 17));
    const table = buildAliasTable(counts);
    const words = new Uint32Array(3000);
    const [word2, word3] = streamWords('sampler.popularity');
    philoxFill(5, 1, 0, 2 ** 32 - 1, word2, word3, words);
    const expected = Int32Array.from(words, (word) => {
      const product = BigInt(word) * BigInt(items);
      const cell = Number(product >> 32n);
      return Number(product & 0xffffffffn) < table.threshold[cell] ? cell : table.alias[cell];
    });
    const sampler = new PopularitySampler({ support: counts, alpha: 1, seed: 2n ** 32n + 5n });
    expect(draws(sampler, 2 ** 32 - 1, 3000)).toEqual(expected);
  });

  it('draws equal samples for equal seeds and steps, and fewer as the first of more', () => {
    const first = new PopularitySampler({ support, alpha: 0.5, seed: 4 });
    const second = new PopularitySampler({ support, alpha: 0.5, seed: 4 });
    draws(second, 9, 7);
    expect(draws(second, 3, 101)).toEqual(draws(first, 3, 101));
    expect(draws(second, 3, 50)).toEqual(draws(first, 3, 101).slice(0, 50));
  });

  it('draws differently in another step and with another seed', () => {
    const sampler = new PopularitySampler({ support, alpha: 0.5, seed: 4 });
    const other = new PopularitySampler({ support, alpha: 0.5, seed: 5 });
    expect(draws(sampler, 0, 50)).not.toEqual(draws(sampler, 1, 50));
    expect(draws(sampler, 0, 50)).not.toEqual(draws(other, 0, 50));
  });

  it('writes only into the given view', () => {
    const whole = new Int32Array(9).fill(-5);
    new PopularitySampler({ support, alpha: 0.5, seed: 4 }).sample(0, whole.subarray(2, 7));
    expect([...whole.subarray(0, 2), ...whole.subarray(7)]).toEqual([-5, -5, -5, -5]);
    expect(whole.subarray(2, 7).every((item) => item >= 0 && item < 8)).toBe(true);
  });

  it.each([
    [[], 'an entry > 0, got 0 entries, all 0.'],
    [[0, 0], 'an entry > 0, got 2 entries, all 0.'],
    [[1, -2], 'finite number >= 0 at index 1, got -2.'],
    [[Number.NaN], 'finite number >= 0 at index 0, got NaN.'],
  ])('rejects the support %j', (counts, text) => {
    expect(() => new PopularitySampler({ support: counts, alpha: 1, seed: 1 })).toThrow(
      new RangeError(`PopularitySampler: "support" expected ${text}`),
    );
  });
});

describe('logSupport', () => {
  it('is the natural logarithm, and 0 for support 0', () => {
    expect(logSupport([1, 0, 3])).toEqual(Float64Array.of(0, 0, Math.log(3)));
  });

  it('rejects a count below 0', () => {
    expect(() => logSupport([1, -1])).toThrow(
      new RangeError('logSupport: "support" expected finite number >= 0 at index 1, got -1.'),
    );
  });
});
