/** In standard errors per night: a loss that builds up, and one that comes at once. */
const SHIFTS = [1, 3];
/** Evidence beyond which a version is refused. */
export const LIMIT = 150;

/**
 * Adds a night to the evidence that versions, each continuing the one before, become worse.
 *
 * z = −Σ x / √Σ x², x = new minus current per session. The sign of x is a coin between equal models, so E exp(s z − s²/2) ≤ 1 for
 * any number of sessions (Efron 1969; de la Peña 1999). R ← (1 + R) exp(s z − s²/2) per metric and shift s; the evidence is
 * the mean R: independent equal nights take `LIMIT` or more on average until they exceed it (Shiryaev–Roberts; Shin, Ramdas,
 * Rinaldo 2023, arXiv:2203.03532). How often nights err: decision 0056.
 *
 * @param before - R of the current version; empty for none.
 * @param differences - x per metric.
 * @example addNight([], [Float64Array.of(-1, -1, -1, -1)]) // z = 2: exp(2 − ½), exp(6 − 4½)
 */
export function addNight(before: readonly number[], differences: readonly Float64Array[]): number[] {
  return differences.flatMap((x, metric) => {
    const sum = x.reduce((total, value) => total + value, 0);
    const z = -sum / Math.sqrt(x.reduce((total, value) => total + value * value, 0) || 1);
    return SHIFTS.map(
      (shift, at) => (1 + (before[metric * SHIFTS.length + at] ?? 0)) * Math.exp(shift * z - shift ** 2 / 2),
    );
  });
}

export function meanOf(evidence: readonly number[]): number {
  return evidence.reduce((sum, value) => sum + value, 0) / evidence.length;
}
