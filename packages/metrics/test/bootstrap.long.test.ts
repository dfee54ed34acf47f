import { describe, expect, it } from 'vitest';
import { metricNames } from '../src/metrics/registry.ts';
import { intervalCoverage } from './simulations.ts';

describe('bootstrapIntervals', () => {
  it.each([
    { sessions: 10, logItems: 7 },
    { sessions: 10, logItems: 30 },
    { sessions: 20, logItems: 7 },
    { sessions: 20, logItems: 30 },
    { sessions: 30, logItems: 7 },
    { sessions: 30, logItems: 30 },
    { sessions: 100, logItems: 7 },
    { sessions: 100, logItems: 30 },
  ])(
    'covers the mean of $sessions sessions with recall ln 20 / $logItems in 92 to 99 % of samples',
    (given) => {
      const found = intervalCoverage({ samples: 2000, ...given });
      for (const name of metricNames) {
        expect(found[name], name).toBeGreaterThan(0.92);
        expect(found[name], name).toBeLessThan(0.99);
      }
    },
  );
});
