import { type Summary, summarize } from './measure.ts';

const ITERATIONS = 2_000_000;
const WINDOWS = 5;

/**
 * A fixed computation on one thread that accesses no memory: xorshift and a multiply-add, where each step depends on
 * the one before.
 *
 * @returns the result, which is the same on every machine.
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

/** The current speed of the machine, in million iterations of the calibration kernel per second. */
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

/** The speed of the machine before and after a measurement. */
export interface Calibration {
  readonly before: number;
  readonly after: number;
}

/** Measures something, and the speed of the machine before and after it. */
export async function calibrated<T>(
  measure: () => Promise<T>,
): Promise<T & { readonly calibration: Calibration }> {
  const before = calibrate().median;
  const measured = await measure();
  return { ...measured, calibration: { before, after: calibrate().median } };
}
