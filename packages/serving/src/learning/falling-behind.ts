/** Shares of comparisons that a learner that falls behind may win. */
const SHARES = [0.05, 0.15, 0.25, 0.35, 0.45];

/** What a test goes on from. */
export interface ComparisonState {
  readonly wins: number;
  readonly losses: number;
  /** Logarithm of the evidence per share. */
  readonly logs: readonly number[];
}

/**
 * Tests, after each comparison, whether a learner has begun to lose more than half of them.
 *
 * For each share s below a half, the likelihood ratio of "wins with probability s" to "wins with ½", restarted whenever it falls
 * below 1 (CUSUM), so that old wins do not hide that it loses now. The evidence is their mean. While the learner wins at least
 * half of independent comparisons, it takes `limit` comparisons or more on average until the evidence exceeds `limit`.
 */
export class FallingBehind {
  #wins: number;
  #losses: number;
  readonly #logs: number[];

  constructor(from: ComparisonState = { wins: 0, losses: 0, logs: SHARES.map(() => 0) }) {
    this.#wins = from.wins;
    this.#losses = from.losses;
    this.#logs = [...from.logs];
  }

  get state(): ComparisonState {
    return { wins: this.#wins, losses: this.#losses, logs: [...this.#logs] };
  }

  /** At least 1, which is no evidence. */
  get evidence(): number {
    return this.#logs.reduce((sum, log) => sum + Math.exp(log), 0) / this.#logs.length;
  }

  /** Takes a comparison, which one of both has won. */
  add(wins: boolean): void {
    if (wins) this.#wins++;
    else this.#losses++;
    for (const [at, share] of SHARES.entries()) {
      const ratio = Math.log(2 * (wins ? share : 1 - share));
      this.#logs[at] = Math.max(0, this.#logs[at] + ratio);
    }
  }
}
