import { describe, expect, it } from 'vitest';
import { refuseSampling } from '../src/refuse-sampling.ts';

describe('refuseSampling', () => {
  it('takes an option that was not given', () => {
    expect(() => refuseSampling('--negatives', undefined)).not.toThrow();
  });

  it.each([100, 0, 'popular', true, false, null])('refuses the value %s', (value) => {
    expect(() => refuseSampling('--negatives', value)).toThrow(
      new RangeError(
        `evaluate: "--negatives" expected nothing, got ${value}. Metrics over sampled negatives can order models ` +
          'the other way round than metrics over all items (Krichene, Rendle 2020, doi:10.1145/3394486.3403226). ' +
          'Leave it out: all items are ranked, or those that can be recommended, the candidates.',
      ),
    );
  });
});
