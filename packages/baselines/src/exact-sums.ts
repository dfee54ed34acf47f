/** A number above 0 as the sum of two float64, the second at most half a unit in the last place of the first. */
export interface TwoPart {
  readonly high: number;
  readonly low: number;
}

/** 2²⁷ + 1 splits a float64 into halves whose products are exact (Veltkamp 1968). */
const SPLITTER = 2 ** 27 + 1;

/** @returns over / under to about 106 bits. */
export function divide(over: number, under: number): TwoPart {
  const high = over / under;
  const [a, b] = [upperHalf(high), upperHalf(under)];
  const [c, d] = [high - a, under - b];
  const product = high * under;
  const lost = a * b - product + a * d + c * b + c * d;
  return { high, low: (over - product - lost) / under };
}

/**
 * Sums that do not depend on the order of their terms: each is stored in two float64 (Knuth 4.2.2, Dekker 1971) and rounded
 * once. Sums that are equal as fractions, such as 6 · 1/6 and 1, are equal.
 */
export class ExactSums {
  readonly #high: Float64Array;
  readonly #low: Float64Array;

  /** @param length - number of sums, initially 0. */
  constructor(length: number) {
    this.#high = new Float64Array(length);
    this.#low = new Float64Array(length);
  }

  add(place: number, { high, low }: TwoPart): void {
    const before = this.#high[place];
    const sum = before + high;
    const added = sum - before;
    this.#high[place] = sum;
    this.#low[place] += before - (sum - added) + (high - added) + low;
  }

  /** @returns the sum, rounded to a float64. */
  at(place: number): number {
    return this.#high[place] + this.#low[place];
  }

  clear(place: number): void {
    this.#high[place] = 0;
    this.#low[place] = 0;
  }
}

function upperHalf(value: number): number {
  const scaled = value * SPLITTER;
  return scaled - (scaled - value);
}
