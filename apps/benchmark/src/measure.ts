import { maxSorted, medianSorted, minSorted } from 'simple-statistics';

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** (max − min) / median. */
  readonly spread: number;
  readonly samples: number;
}

/** @throws RangeError if there are no measurements. */
export function summarize(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError('summarize: "values" expected at least one, got none');
  const sorted = [...values].sort((a, b) => a - b);
  const [median, min, max] = [medianSorted(sorted), minSorted(sorted), maxSorted(sorted)];
  return { median, min, max, spread: (max - min) / median, samples: sorted.length };
}

export type Work = (times: number) => void;

export const repeating =
  (call: () => void): Work =>
  (times) => {
    for (let i = 0; i < times; i++) call();
  };

/** Repetitions per second of each window of `perWindow`, until `seconds` have passed; there is at least one. */
export function ratesOf(work: Work, perWindow: number, seconds: number): number[] {
  const rates: number[] = [];
  const end = performance.now() + seconds * 1000;
  do {
    const start = performance.now();
    work(perWindow);
    rates.push((perWindow * 1000) / (performance.now() - start));
  } while (performance.now() < end);
  return rates;
}
