import { type ComparisonRow, measureContest, measureEach, type PartOptions, timed } from '../contest.ts';
import type { Work } from '../measure.ts';
import { parts } from '../parts/parts.ts';

const WINDOW_MS = 50;

/** Measures the parts that CI compares: microseconds per repetition. */
export function measureParts(options: PartOptions): Promise<ComparisonRow[]> {
  return measureEach(parts, options.only, async ({ name, prepare }) => {
    const work = await prepare();
    const timing = { perWindow: warmUp(work), seconds: options.seconds };
    const row = { suite: 'parts', name, unit: 'µs', better: 'less', engine: '1 thread, SIMD' } as const;
    return measureContest(row, [timed('ours', work, { ...timing, of: (rate) => 1e6 / rate })], options);
  });
}

/** Doubles the repetitions until they fill a window. */
function warmUp(work: Work): number {
  for (let times = 1; ; times *= 2) {
    const start = performance.now();
    work(times);
    if (performance.now() - start > WINDOW_MS) return times;
  }
}
