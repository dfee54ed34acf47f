import { bootstrapIntervals, sumBySession } from './bootstrap.ts';
import {
  checkedMetric,
  type MetricName,
  mapMetrics,
  metricNames,
  type PerMetric,
  perMetric,
} from './metrics/registry.ts';
import { checkEvaluate, cutoffsOf, type EvaluateOptions } from './options.ts';
import { TIE_RULES } from './rank.ts';
import { joinRanks, type Ranks } from './ranks.ts';
import type { Ranker, Scorer } from './scorer.ts';
import {
  CatalogueCoverage,
  type CutoffResult,
  type CutoffSums,
  type Evaluation,
  MeanPopularity,
  type PartSums,
} from './tally.ts';
import { type EvaluationWarning, evaluationWarnings, type TieCounts } from './warnings.ts';

/** Adds up the parts of an evaluation, in their order. */
export class JoinedParts {
  #predictions = 0;
  #sessions = 0;
  #excludedTargets = 0;
  #ties: TieCounts = { targets: 0, tied: 0, most: 0 };
  readonly #name: string;
  readonly #options: EvaluateOptions;
  readonly #cutoffs: readonly JoinedCutoff[];
  readonly #targets: MeanPopularity | undefined;
  readonly #counts: Float64Array[] = [];
  readonly #ranks: Ranks[] = [];

  constructor(options: EvaluateOptions, { name, itemCount }: EvaluatedScorer) {
    const { bootstrap, lists = true } = options;
    const support = lists ? options.support : undefined;
    this.#name = name;
    this.#options = options;
    this.#cutoffs = cutoffsOf(options).map(
      (cutoff) =>
        new JoinedCutoff(
          cutoff,
          lists ? new CatalogueCoverage(itemCount) : undefined,
          support && new MeanPopularity(support),
          bootstrap !== undefined,
        ),
    );
    this.#targets = support && new MeanPopularity(support);
  }

  add(part: PartSums): void {
    this.#predictions += part.predictions;
    this.#sessions += part.counts.length;
    this.#excludedTargets += part.excludedTargets;
    const { targets, tied, most } = this.#ties;
    this.#ties = {
      targets: targets + part.ties.targets,
      tied: tied + part.ties.tied,
      most: Math.max(most, part.ties.most),
    };
    for (const [place, cutoff] of this.#cutoffs.entries()) cutoff.add(part.cutoffs[place]);
    if (part.targets) this.#targets?.addSums(part.targets);
    if (this.#options.bootstrap) this.#counts.push(part.counts);
    if (part.ranks) this.#ranks.push(part.ranks);
  }

  evaluation(): Evaluation {
    const { excludeSeen = false, tieRule = 'standard', protocol = 'next', warmUp = 1 } = this.#options;
    const { keepRanks = false } = this.#options;
    if (this.#predictions === 0) throw nothingToPredict(warmUp);
    const warnings = this.#warnings();
    const totals = { predictions: this.#predictions, targetPopularity: this.#targets?.mean };
    const counts = join(this.#counts);
    const ranks = this.#ranks.length > 0 ? joinRanks(this.#ranks) : undefined;
    const results = this.#cutoffs.map((cutoff) => this.#resultAt(cutoff, { ...totals, counts, ranks }));
    return {
      predictions: this.#predictions,
      sessions: this.#sessions,
      protocol,
      warmUp,
      tieRule,
      excludeSeen,
      excludedTargets: this.#excludedTargets,
      ties: this.#ties,
      warnings,
      results,
      ...(keepRanks && { ranks: ranks ?? joinRanks(this.#ranks) }),
    };
  }

  #resultAt(
    joined: JoinedCutoff,
    { counts, ranks, ...totals }: Totals & { counts: Float64Array; ranks: Ranks | undefined },
  ): CutoffResult {
    const { bootstrap, metrics = [] } = this.#options;
    const result = joined.result(totals);
    const rankedSums = ranks ? sumBySession([ranks], result.cutoff, metrics.map(checkedMetric)).sums : [];
    const means = [
      ...metricNames.map((name) => result[name]),
      ...rankedSums.map((sums) => addUp(0, sums) / totals.predictions),
    ];
    const whole = { ...result, ...perMetric(means, metrics) };
    if (bootstrap === undefined) return whole;
    const kept = joined.kept();
    const sums = [...metricNames.map((name) => kept[name]), ...rankedSums];
    return { ...whole, interval: perMetric(bootstrapIntervals(sums, counts, bootstrap), metrics) };
  }

  #warnings(): EvaluationWarning[] {
    const { bootstrap, keepRanks, tieRule, facts } = this.#options;
    const warnings = evaluationWarnings({
      predictions: this.#predictions,
      // Intervals and p-values are made of ranks.
      sessions: bootstrap || keepRanks ? this.#sessions : undefined,
      scorers: [{ name: this.#name, ties: this.#ties }],
      ...facts,
    });
    const tied = warnings.find(({ code }) => code === 'tied-scores');
    if (tied && tieRule === undefined) throw tieRuleMissing(tied.message);
    return warnings;
  }
}

/**
 * Joins the parts of one or more evaluators of a scorer, all with the same options.
 * @param parts - in the order of their sessions.
 * @returns the result of `evaluate` on all the sessions; exact, except that sums of a support that is not an integer are rounded.
 */
export function joinParts(
  parts: Iterable<PartSums>,
  options: EvaluateOptions,
  scorer: EvaluatedScorer,
): Evaluation {
  checkEvaluate(scorer, options);
  const joined = new JoinedParts(options, scorer);
  for (const part of parts) joined.add(part);
  return joined.evaluation();
}

type EvaluatedScorer = Pick<Ranker | Scorer, 'name' | 'itemCount'>;

interface Totals {
  readonly predictions: number;
  readonly targetPopularity: number | undefined;
}

class JoinedCutoff {
  readonly #cutoff: number;
  readonly #coverage: CatalogueCoverage | undefined;
  readonly #popularity: MeanPopularity | undefined;
  readonly #keep: boolean;
  /** [sessions of a part] per metric and part. */
  readonly #kept: PerMetric<Float64Array[]> = mapMetrics(() => []);
  readonly #totals: Record<MetricName, number> = mapMetrics(() => 0);
  #distance: number | undefined;

  constructor(
    cutoff: number,
    coverage: CatalogueCoverage | undefined,
    popularity: MeanPopularity | undefined,
    keep: boolean,
  ) {
    this.#cutoff = cutoff;
    this.#coverage = coverage;
    this.#popularity = popularity;
    this.#keep = keep;
  }

  add(sums: CutoffSums): void {
    const { recommended, popularity, distance } = sums;
    for (const name of metricNames) {
      this.#totals[name] = addUp(this.#totals[name], sums[name]);
      if (this.#keep) this.#kept[name].push(sums[name]);
    }
    this.#coverage?.add(recommended);
    if (distance) this.#distance = addUp(this.#distance ?? 0, distance);
    if (popularity) this.#popularity?.addSums(popularity);
  }

  kept(): PerMetric<Float64Array> {
    return mapMetrics((name) => join(this.#kept[name]));
  }

  result({ predictions, targetPopularity }: Totals): CutoffResult {
    const { mean: meanPopularity, novelty } = this.#popularity ?? { mean: Number.NaN, novelty: Number.NaN };
    return {
      cutoff: this.#cutoff,
      ...mapMetrics((name) => this.#totals[name] / predictions),
      coverage: this.#coverage?.coverage ?? Number.NaN,
      meanPopularity,
      ...(targetPopularity === undefined
        ? {}
        : { popularityBias: meanPopularity / targetPopularity, novelty }),
      ...(this.#distance !== undefined && { intraListDistance: this.#distance / predictions }),
    };
  }
}

/** Adds session by session to the total of the earlier parts, so that the result does not depend on where parts end. */
function addUp(total: number, values: Float64Array): number {
  for (let index = 0; index < values.length; index++) total += values[index];
  return total;
}

function join(arrays: readonly Float64Array[]): Float64Array {
  if (arrays.length === 1) return arrays[0];
  const joined = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let length = 0;
  for (const array of arrays) {
    joined.set(array, length);
    length += array.length;
  }
  return joined;
}

function tieRuleMissing(problem: string): RangeError {
  const known = TIE_RULES.map((name) => `'${name}'`).join(', ');
  return new RangeError(`evaluate: "tieRule" expected ${known}, got none. ${problem}`);
}

function nothingToPredict(warmUp: number): RangeError {
  const events = warmUp === 1 ? 'two' : warmUp + 1;
  return new RangeError(`evaluate: "sessions" expected a session of ${events} or more events, got none.`);
}
