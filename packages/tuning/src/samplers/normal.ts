const SERIES_END = 3;
const FRACTION_TERMS = 120;

/** @returns φ(x), the density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/**
 * Probability of an interval under the standard normal distribution, Φ(upper) − Φ(lower), without cancellation in the
 * tails.
 *
 * @param lower - at most `upper`, may be −∞.
 * @param upper - may be ∞.
 */
export function normalMass(lower: number, upper: number): number {
  if (lower > 0) return normalMass(-upper, -lower);
  return normalCdf(upper) - normalCdf(lower);
}

/**
 * Φ(x) to 14 digits; for x < 0 the error is relative to Φ(x).
 *
 * Φ(x) = ½ + φ(x) (x + x³/3 + x⁵/(3·5) + …)   for |x| < 3    (Marsaglia 2004, J. Stat. Software 11(4))
 * Φ(−x) = φ(x) / (x + 1/(x + 2/(x + 3/(x + …))))   beyond     (Laplace's continued fraction)
 */
export function normalCdf(x: number): number {
  if (x >= SERIES_END) return 1 - normalCdf(-x);
  if (x === Number.NEGATIVE_INFINITY) return 0;
  return x > -SERIES_END ? 0.5 + normalDensity(x) * series(x) : normalDensity(x) / fraction(-x);
}

function series(x: number): number {
  let sum = x;
  let previous = 0;
  for (let term = x, n = 3; sum !== previous; n += 2) {
    previous = sum;
    term *= (x * x) / n;
    sum += term;
  }
  return sum;
}

function fraction(x: number): number {
  let value = x;
  for (let n = FRACTION_TERMS; n > 0; n--) value = x + n / value;
  return value;
}
