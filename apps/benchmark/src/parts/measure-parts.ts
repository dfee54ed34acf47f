import { type ComparisonRow, type ContestOptions, measureContest, measureEach, timed } from '../contest.ts';
import { parts } from './parts.ts';

const WINDOW_MS = 50;

export function measureParts(options: ContestOptions): Promise<ComparisonRow[]> {
  return measureEach(parts, options.only, async ({ name, prepare }) => {
    const work = await prepare();
    const row = { suite: 'parts', name, unit: 'µs', better: 'less', engine: '1 thread, SIMD' } as const;
    let [perWindow, took] = [1, 0];
    for (; took < WINDOW_MS; perWindow *= 2) {
      const start = performance.now();
      work(perWindow);
      took = performance.now() - start;
    }
    const timing = { perWindow, seconds: options.seconds, of: (rate: number) => 1e6 / rate };
    return measureContest(row, [timed('ours', work, timing)], options);
  });
}
