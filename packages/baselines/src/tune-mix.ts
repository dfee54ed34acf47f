import { type Batch, checkSessionArrays, type SessionArrays, SessionParallelBatcher } from '@gru4rec/batcher';
import { anything, checkOptions, integer, type OptionChecks, oneOf, share } from '@gru4rec/checks';
import { rankOf, type Scorer, TIE_RULES, type TieRule, turns } from '@gru4rec/metrics';
import { addWeighted, checkMixed, ScorerValues } from './mix.ts';

/** Options of the search for a weight. */
export interface TuneMixOptions {
  /** Length k of the lists: 20 if not given. */
  readonly cutoff?: number | undefined;
  /** Weights of the first scorer to try, each in [0, 1]; the second has 1 − weight. 0, 0.1, …, 1 if not given. */
  readonly grid?: readonly number[] | undefined;
  /** `standard` if not given. */
  readonly tieRule?: TieRule | undefined;
  /** Ends the search between two steps. */
  readonly signal?: AbortSignal | undefined;
}

/** The figures of the mix with one weight. */
export interface MixPoint {
  readonly weight: number;
  readonly recall: number;
  readonly mrr: number;
}

/** The best weight, and the figures of all. */
export interface TunedMix {
  /** The weight of the first scorer; `mix(scorers, { weights: [weight, 1 - weight] })` is the mix. */
  readonly weight: number;
  /** In the order of the grid. */
  readonly points: readonly MixPoint[];
  readonly predictions: number;
}

const checks: OptionChecks<TuneMixOptions> = {
  cutoff: integer(1),
  grid: {
    expected: 'one or more numbers in [0, 1]',
    fits: (value) => Array.isArray(value) && value.length > 0 && value.every(share.fits),
  },
  tieRule: oneOf(TIE_RULES),
  signal: anything,
};
/** Sessions scored in parallel: both scorers hold this many rows of scores. */
const SLOTS = 128;
const GRID: readonly number[] = Array.from({ length: 11 }, (_, tenths) => tenths / 10);

/**
 * Finds the weight of the first of two scorers with which their mix has the greatest MRR; among equals, the first of the grid.
 *
 * It makes one pass over the sessions and ranks every weight, in O(grid · I) per prediction. Use sessions that neither scorer was
 * fitted to and that the mix will not be evaluated on.
 *
 * @param sessions - read only; must have no events of items that the scorers do not know.
 * @throws the reason of `signal`. The thread is held for no longer than 50 ms and a step of the scorers.
 * @example
 * const { weight } = await tuneMix([model.scorer(), createBaseline('v-sknn', dataset)], test);
 */
export async function tuneMix(
  scorers: readonly [Scorer, Scorer],
  sessions: SessionArrays,
  options: TuneMixOptions = {},
): Promise<TunedMix> {
  checkOptions('tuneMix', options, checks);
  const { cutoff = 20, grid = GRID, tieRule = 'standard', signal } = options;
  const itemCount = checkMixed('tuneMix', scorers);
  checkSessionArrays('tuneMix', sessions, itemCount);
  const batchSize = Math.max(1, Math.min(SLOTS, sessions.sessionOffsets.length - 1));
  const batcher = new SessionParallelBatcher({ ...sessions, batchSize, order: 'stored' });
  if (batcher.eventsPerEpoch === 0) {
    throw new RangeError('tuneMix: "sessions" expected a session of two or more events, got none.');
  }
  const tally = new GridTally(grid, cutoff, itemCount, tieRule);
  const values = new ScorerValues(scorers, batchSize);
  const pause = turns();
  try {
    for (let batch = batcher.next(); batch !== undefined; batch = batcher.next()) {
      values.step(batch.input, batch.resetMask, batch.context);
      tally.addBatch(batch, values);
      signal?.throwIfAborted();
      await pause();
    }
  } finally {
    values.close();
  }
  const points = tally.points();
  const best = points.reduce((leader, point) => (point.mrr > leader.mrr ? point : leader));
  return { weight: best.weight, points, predictions: tally.predictions };
}

/** Counts of the target's ranks per weight, from which figures do not depend on the number of slots. */
class GridTally {
  predictions = 0;
  readonly #grid: readonly number[];
  readonly #cutoff: number;
  readonly #tieRule: TieRule;
  /** [grid] of [2 · cutoff + 1]: number of predictions whose rank is half the index. */
  readonly #counts: readonly Int32Array[];
  readonly #row: Float64Array;

  constructor(grid: readonly number[], cutoff: number, itemCount: number, tieRule: TieRule) {
    this.#grid = grid;
    this.#cutoff = cutoff;
    this.#tieRule = tieRule;
    this.#counts = grid.map(() => new Int32Array(2 * cutoff + 1));
    this.#row = new Float64Array(itemCount);
  }

  addBatch({ live, target }: Batch, scorers: ScorerValues): void {
    for (let slot = 0; slot < live.length; slot++) {
      if (live[slot] === 0) continue;
      this.#add(scorers.valuesOf(slot), target[slot]);
      this.predictions++;
    }
  }

  #add(values: readonly Float64Array[], target: number): void {
    for (const [point, weight] of this.#grid.entries()) {
      addWeighted(values, [weight, 1 - weight], this.#row);
      const rank = rankOf(this.#row, target, this.#tieRule);
      if (rank <= this.#cutoff) this.#counts[point][2 * rank]++;
    }
  }

  points(): MixPoint[] {
    return this.#grid.map((weight, point) => {
      let hits = 0;
      let reciprocals = 0;
      for (const [halves, count] of this.#counts[point].entries()) {
        hits += count;
        if (count > 0) reciprocals += (2 * count) / halves;
      }
      return { weight, recall: hits / this.predictions, mrr: reciprocals / this.predictions };
    });
  }
}
