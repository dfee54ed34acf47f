import {
  anything,
  checkOptions,
  finite,
  finiteAbove0,
  integer,
  type OptionChecks,
} from '@gru4rec/checked-options';
import { RandomStream, type Seed } from '@gru4rec/random';
import type { BaselineData } from './baseline-data.ts';
import { type BprTriple, BprTriples } from './bpr-triples.ts';
import { distinctItems } from './distinct-items.ts';

// K factors, I items.

/**
 * Options of BPR-MF. The defaults of learning rate and regularisation are those of MyMediaLite's BPR-MF (Gantner et al.
 * 2011). Its 10 factors and 30 epochs, chosen for users with long histories, underfit sessions: on the last
 * tenth of the training sessions of yoochoose-clicks-100k recall@20 is 0.24 with 10 factors and 0.43 with 100, after 30
 * epochs, and 0.56 with 100 after 100.
 */
export interface BprMfOptions {
  /** K, the length of the vectors: 100 if not given. */
  readonly factors?: number;
  /** Each draws one triple per distinct item of each session: 100 if not given. */
  readonly epochs?: number;
  /** η > 0: 0.05 if not given. */
  readonly learningRate?: number;
  /** Weights that pull the factors towards 0. */
  readonly regularisation?: BprRegularisation;
  /** Seed of the streams `baselines.bpr-mf.initialize` and `baselines.bpr-mf.triples`: 1 if not given. */
  readonly seed?: Seed;
}

/** λ ≥ 0 of each kind of factors (Rendle et al. 2009, arXiv:1205.2618, section 4.3.1: W, H⁺, H⁻). */
export interface BprRegularisation {
  /** Session factors: 0.0025 if not given. */
  readonly session?: number;
  /** Factors and bias of the clicked item: 0.0025 if not given. */
  readonly positive?: number;
  /** Factors and bias of the item that was not clicked: 0.00025 if not given. */
  readonly negative?: number;
}

/** The checks of the options of BPR-MF. */
export const bprMfChecks: OptionChecks<BprMfOptions> = {
  factors: integer(1),
  epochs: integer(1),
  learningRate: finiteAbove0,
  regularisation: anything,
  seed: anything,
};
const regularisationChecks: OptionChecks<BprRegularisation> = {
  session: finite(0),
  positive: finite(0),
  negative: finite(0),
};

/** Factors of sessions and items: x̂(u, i) = b_i + w_u · h_i. */
export interface BprFactors {
  /** K. */
  readonly factors: number;
  /** w, [sessions × K], row-major. */
  readonly sessions: Float32Array;
  /** h, [I × K], row-major. */
  readonly items: Float32Array;
  /** b, [I]. */
  readonly biases: Float32Array;
}

/** Options of one step of descent. */
export type BprRates = Required<Pick<BprMfOptions, 'learningRate'>> & {
  readonly regularisation: Required<BprRegularisation>;
};

/** Standard deviation of the initial factors, as in MyMediaLite; the paper names none. */
const INITIAL_DEVIATION = 0.1;

/**
 * LearnBPR: stochastic gradient descent over triples of a session u, an item i in it and an item j not in it.
 *
 * Minimises −ln σ(x̂(u, i) − x̂(u, j)) + (λ_W |w_u|² + λ_H⁺ (|h_i|² + b_i²) + λ_H⁻ (|h_j|² + b_j²)) / 2
 *                                                   (Rendle et al. 2009, arXiv:1205.2618, figure 4, section 4.3.1)
 *
 * The bias is not in the paper; it acts as a factor whose counterpart is always 1. O(epochs · events · K) time,
 * (sessions + I) · K numbers.
 *
 * @returns fresh arrays. If every session has every item there are no triples, and the factors stay as they were drawn.
 * @throws RangeError if an option is outside its range, or the factors grow without bound.
 */
export function learnFactors({ support, train }: BaselineData, options: BprMfOptions = {}): BprFactors {
  checkOptions('bprMf', options, bprMfChecks);
  if (options.regularisation !== undefined)
    checkOptions('bprMf: regularisation', options.regularisation, regularisationChecks);
  const { factors = 100, epochs = 100, learningRate = 0.05, regularisation, seed = 1 } = options;
  const rates = {
    learningRate,
    regularisation: { session: 0.0025, positive: 0.0025, negative: 0.00025, ...regularisation },
  };
  const triples = new BprTriples(
    distinctItems(train.sessionOffsets, train.items, support.length),
    support.length,
    new RandomStream(seed, 'baselines.bpr-mf.triples'),
  );
  const learned = initialFactors(train.sessionOffsets.length - 1, support.length, factors, seed);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    for (let step = 0; step < triples.pairs; step++) descend(learned, triples.draw(), rates);
    checkFinite(learned, epoch, learningRate);
  }
  return learned;
}

/** Factors from a normal distribution around 0, sessions first; biases 0. */
function initialFactors(sessionCount: number, itemCount: number, factors: number, seed: Seed): BprFactors {
  const random = new RandomStream(seed, 'baselines.bpr-mf.initialize');
  const normal = (): number => INITIAL_DEVIATION * random.nextNormal();
  return {
    factors,
    sessions: new Float32Array(sessionCount * factors).map(normal),
    items: new Float32Array(itemCount * factors).map(normal),
    biases: new Float32Array(itemCount),
  };
}

/**
 * Takes one step of descent: θ ← θ + η (σ(−x̂_uij) · ∂x̂_uij/∂θ − λ θ), x̂_uij = b_i − b_j + w_u · (h_i − h_j)
 *                                                              (Rendle et al. 2009, arXiv:1205.2618, figure 4)
 *
 * @param learned - changed in place; all three changes use the values before the step.
 */
export function descend(learned: BprFactors, { session, item, negative }: BprTriple, rates: BprRates): void {
  const { factors, sessions, items, biases } = learned;
  const { learningRate, regularisation } = rates;
  const atSession = session * factors;
  const atItem = item * factors;
  const atNegative = negative * factors;
  let difference = biases[item] - biases[negative];
  for (let k = 0; k < factors; k++) {
    difference += sessions[atSession + k] * (items[atItem + k] - items[atNegative + k]);
  }
  const slope = 1 / (1 + Math.exp(difference));
  for (let k = 0; k < factors; k++) {
    const w = sessions[atSession + k];
    const i = items[atItem + k];
    const j = items[atNegative + k];
    sessions[atSession + k] = w + learningRate * (slope * (i - j) - regularisation.session * w);
    items[atItem + k] = i + learningRate * (slope * w - regularisation.positive * i);
    items[atNegative + k] = j - learningRate * (slope * w + regularisation.negative * j);
  }
  biases[item] += learningRate * (slope - regularisation.positive * biases[item]);
  biases[negative] -= learningRate * (slope + regularisation.negative * biases[negative]);
}

function checkFinite({ items, biases }: BprFactors, epoch: number, learningRate: number): void {
  if (items.every(Number.isFinite) && biases.every(Number.isFinite)) return;
  throw new RangeError(
    `bprMf: "learningRate" expected a rate that keeps the factors finite, got ${learningRate}, ` +
      `infinite after epoch ${epoch}. Lower it.`,
  );
}
