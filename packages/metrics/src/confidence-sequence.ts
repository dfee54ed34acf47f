/** What is known of one figure per visitor of an arm. */
export interface ArmFigure {
  /** Visitors. */
  readonly count: number;
  readonly value: number;
  /** Of the figure's influence function over visitors: of a mean, the variance of the values. */
  readonly variance: number;
}

/** Sums over visitors, of which `products` is of both values. */
export interface PairSums {
  readonly count: number;
  readonly sums: readonly [over: number, under: number];
  readonly squares: readonly [over: number, under: number];
  readonly products: number;
}

/** The mean of a value. @param squares - the sum of its squares. */
export function meanFigure(count: number, sum: number, squares: number): ArmFigure {
  const value = sum / count;
  return { count, value, variance: Math.max(0, squares / count - value ** 2) };
}

/** Σ x / Σ y, linearised: the influence of a visitor is (x − R y) / mean(y). */
export function ratioFigure({ count, sums, squares, products }: PairSums): ArmFigure {
  const ratio = sums[0] / sums[1];
  const residuals = squares[0] - 2 * ratio * products + ratio ** 2 * squares[1];
  return { count, value: ratio, variance: Math.max(0, (residuals * count) / sums[1] ** 2) };
}

/** An estimate with its interval. */
export interface Estimate {
  readonly value: number;
  readonly interval: readonly [lower: number, upper: number];
}

/** The part of intervals that may miss the truth, at any time ever. */
const ALPHA = 0.05;
/** Visitors at which the intervals are shortest for their error. */
const SHARPEST = 20_000;
const RHO_SQUARED = (-2 * Math.log(ALPHA) + Math.log(-2 * Math.log(ALPHA)) + 1) / SHARPEST;

/**
 * Half of the width of an asymptotic confidence sequence of a mean over n visitors (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas
 * 2024, Annals of Statistics, theorem 2.2):
 *
 * σ √(2 (n ρ² + 1) / (n² ρ²) · log(√(n ρ² + 1) / α))
 *
 * It may be looked at after each visitor.
 */
export function halfWidth(variance: number, count: number): number {
  const grown = count * RHO_SQUARED + 1;
  return Math.sqrt(
    ((variance * 2 * grown) / (count ** 2 * RHO_SQUARED)) * Math.log(Math.sqrt(grown) / ALPHA),
  );
}

/** How much more an arm has than the control, in the figure's unit and relative to the control. */
export interface ArmComparison {
  readonly difference: Estimate;
  /** Undefined if the control has nothing. */
  readonly relative: Estimate | undefined;
  /** The variance that `halfWidth` took for `relative`, over the visitors of both. */
  readonly relativeVariance: number;
}

/**
 * Compares two arms to which visitors were assigned at random: with n visitors in all, the influence of one of an arm with the
 * share π is ± (y − mean) / π, so the variance is v₁ n / n₁ + v₀ n / n₀; relative to the control by the delta method.
 */
export function compareArms(arm: ArmFigure, control: ArmFigure): ArmComparison {
  const count = arm.count + control.count;
  const [own, other] = [arm, control].map((one) => (one.variance * count) / one.count) as [number, number];
  const around = (value: number, variance: number): Estimate => {
    const half = halfWidth(variance, count);
    return { value, interval: [value - half, value + half] };
  };
  const relativeVariance = own / control.value ** 2 + (arm.value ** 2 * other) / control.value ** 4;
  return {
    difference: around(arm.value - control.value, own + other),
    relative: control.value > 0 ? around(arm.value / control.value - 1, relativeVariance) : undefined,
    relativeVariance,
  };
}

/** The visitors, of both arms, at which the interval would have this half width. */
export function visitorsFor(half: number, variance: number): number {
  let high = 2;
  while (halfWidth(variance, high) > half && high < 1e12) high *= 2;
  let low = high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (halfWidth(variance, middle) > half) low = middle;
    else high = middle;
  }
  return high;
}

/** Visitors of each arm who came while the arms had these shares. */
export interface ArmSizes {
  readonly counts: readonly number[];
  readonly shares: readonly number[];
}

/**
 * The evidence that arms get other shares of the visitors than they should, as the logarithm of a Bayes factor against the
 * uniform Dirichlet distribution (Lindon, Malek 2022, NeurIPS): log B(1 + n) − log B(1) − Σ n log p. With the right shares it
 * ever exceeds log(1 / α) in at most α of all experiments.
 */
export function sizesEvidence(periods: readonly ArmSizes[]): number {
  const arms = periods[0]?.counts.length ?? 0;
  const totals = Array.from({ length: arms }, (_, arm) =>
    periods.reduce((sum, { counts }) => sum + (counts[arm] ?? 0), 0),
  );
  const expected = periods.reduce(
    (sum, { counts, shares }) =>
      sum + counts.reduce((all, count, arm) => all + (count && count * Math.log(shares[arm] ?? 0)), 0),
    0,
  );
  const all = totals.reduce((sum, count) => sum + count, 0);
  const chosen = totals.reduce((sum, count) => sum + logFactorial(count), 0);
  return chosen + logFactorial(arms - 1) - logFactorial(all + arms - 1) - expected;
}

/** Stirling's series; exact below 10. */
function logFactorial(count: number): number {
  if (count < 10) {
    let product = 1;
    for (let factor = 2; factor <= count; factor++) product *= factor;
    return Math.log(product);
  }
  const x = count + 1;
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + 1 / (12 * x) - 1 / (360 * x ** 3);
}
