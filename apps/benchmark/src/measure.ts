/** Several measurements of one figure. */
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
  const sorted = [...values].sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) {
    throw new RangeError('summarize: "values" expected at least one, got none');
  }
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? min) + (sorted[Math.ceil(middle)] ?? max)) / 2;
  return { median, min, max, spread: (max - min) / median, samples: sorted.length };
}

/** Work that repeats itself `times` times. */
export type Work = (times: number) => void;

/**
 * Repeats work in windows until `seconds` have passed.
 *
 * @param perWindow - repetitions per window.
 * @returns repetitions per second in each window, of which there is at least one.
 */
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

/** The rates of two kinds of work that took turns, and their ratio round by round. */
export interface Duel {
  readonly rates: readonly [Summary, Summary];
  /** First to second, from the medians of each round. */
  readonly ratio: Summary;
}

/** Measures two kinds of work that take turns, A B A B, so that variations of the machine affect both. */
export function duel(
  works: readonly [Work, Work],
  options: { readonly perWindow: number; readonly seconds: number; readonly rounds: number },
): Duel {
  const { perWindow, seconds, rounds } = options;
  const all: [number[], number[]] = [[], []];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [a, b] = works.map((work) => ratesOf(work, perWindow, seconds)) as [number[], number[]];
    all[0].push(...a);
    all[1].push(...b);
    ratios.push(summarize(a).median / summarize(b).median);
  }
  return { rates: [summarize(all[0]), summarize(all[1])], ratio: summarize(ratios) };
}
