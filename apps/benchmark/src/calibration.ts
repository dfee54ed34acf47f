import { type Summary, summarize } from './measure.ts';

const ITERATIONS = 2_000_000;
const WINDOWS = 5;

/**
 * A fixed piece of arithmetic on one thread that touches no memory: xorshift and a multiply-add, each step waiting
 * for the one before it.
 *
 * @returns its result, which is the same everywhere.
 */
export function calibrationKernel(iterations: number = ITERATIONS): number {
  let state = 0x2545f491;
  let sum = 0;
  for (let i = 0; i < iterations; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    sum = sum * 0.999 + (state >>> 0) * 2 ** -32;
  }
  return sum;
}

let sink = 0;

/** The machine's own speed at this moment, in million iterations of the calibration kernel a second. */
export function calibrate(windows: number = WINDOWS): Summary {
  const rates = Array.from({ length: windows + 1 }, () => {
    const start = performance.now();
    sink += calibrationKernel();
    return ITERATIONS / 1000 / (performance.now() - start);
  });
  if (!Number.isFinite(sink)) throw new Error('calibrate: the kernel did not end in a number');
  // The first window may still run before the code is compiled.
  return summarize(rates.slice(1));
}

/** The machine's speed before and after something was measured. */
export interface Calibration {
  readonly before: number;
  readonly after: number;
}

/** Measures something between two looks at the machine's own speed. */
export async function calibrated<T>(
  measure: () => Promise<T>,
): Promise<T & { readonly calibration: Calibration }> {
  const before = calibrate().median;
  const measured = await measure();
  return { ...measured, calibration: { before, after: calibrate().median } };
}
