import type { Evaluation } from './evaluation.ts';
import type { Metric } from './metrics/metric.ts';
import type { Ranks } from './ranks.ts';

/** One evaluation, or several of one scorer on the same predictions, such as one per seed. */
export type Runs = Evaluation | readonly Evaluation[];

/** Sums over each session's predictions. */
export interface SessionSums {
  /** Per metric [sessions]; a prediction counts with its mean over the runs. */
  readonly sums: readonly Float64Array[];
  /** [sessions] predictions of each session. */
  readonly counts: Float64Array;
}

/**
 * Sums metrics by session.
 *
 * @param runs - each of the same predictions. Read only.
 * @param metrics - in the order of the sums.
 */
export function sumBySession(
  runs: readonly Ranks[],
  cutoff: number,
  metrics: readonly Metric[],
): SessionSums {
  const [{ session, rank, sessionLengths }] = runs;
  const counts = new Float64Array(sessionLengths.length);
  const sums = metrics.map(() => new Float64Array(sessionLengths.length));
  const one = new Float64Array(1);
  for (let prediction = 0; prediction < rank.length; prediction++) counts[session[prediction]]++;
  for (const { rank: ofRun } of runs) {
    for (let prediction = 0; prediction < ofRun.length; prediction++) {
      one[0] = ofRun[prediction];
      for (let metric = 0; metric < metrics.length; metric++) {
        sums[metric][session[prediction]] += metrics[metric].of(one, cutoff) / runs.length;
      }
    }
  }
  return { sums, counts };
}

/**
 * The ranks of runs, after a check that all have the same predictions and tie rule.
 *
 * @param caller - the function whose arguments the runs are, for messages.
 * @returns by name, one entry per run.
 * @throws TypeError if an evaluation has no ranks.
 * @throws RangeError if there is none, or predictions or tie rules differ.
 */
export function ranksOfRuns<Name extends string>(
  caller: string,
  given: Readonly<Record<Name, Runs>>,
): Record<Name, Ranks[]> {
  const named = Object.entries<Runs>(given).map(([name, runs]) => ({ name, runs: listRuns(runs) }));
  for (const { name, runs } of named) {
    if (runs.length > 0) continue;
    throw new RangeError(`${caller}: "${name}" expected one evaluation at least, got none.`);
  }
  const [first] = named;
  const model = { name: first.name, run: first.runs[0] };
  for (const { name, runs } of named) {
    for (const run of runs) checkRun(`${caller}: "${name}" expected`, run, model);
  }
  return Object.fromEntries(
    named.map(({ name, runs }) => [name, runs.flatMap(({ ranks }) => ranks ?? [])]),
  ) as Record<Name, Ranks[]>;
}

function listRuns(runs: Runs): readonly Evaluation[] {
  return 'results' in runs ? [runs] : runs;
}

function checkRun(expected: string, run: Evaluation, model: { name: string; run: Evaluation }): void {
  if (run.ranks === undefined || model.run.ranks === undefined) {
    throw new TypeError(`${expected} an evaluation with ranks, got one without. Evaluate with keepRanks.`);
  }
  checkSamePredictions(expected, run.ranks, { name: model.name, ranks: model.run.ranks });
  if (run.tieRule === model.run.tieRule) return;
  throw new RangeError(
    `${expected} the tie rule '${model.run.tieRule}' of ${model.name}, got '${run.tieRule}'. Evaluate all by one rule.`,
  );
}

function checkSamePredictions(expected: string, ranks: Ranks, model: { name: string; ranks: Ranks }): void {
  const remedy = 'Evaluate all on the same sessions, with the same protocol, warmUp and candidates.';
  const predictions = model.ranks.rank.length;
  if (ranks.rank.length !== predictions) {
    throw new RangeError(
      `${expected} the ${predictions} predictions of ${model.name}, got ${ranks.rank.length}. ${remedy}`,
    );
  }
  for (const part of ['session', 'position', 'target'] as const) {
    const [found, wanted] = [ranks[part], model.ranks[part]];
    const wrong = found.findIndex((value, prediction) => value !== wanted[prediction]);
    if (wrong < 0) continue;
    throw new RangeError(
      `${expected} the predictions of ${model.name}, got ${part} ${found[wrong]} instead of ${wanted[wrong]} ` +
        `at prediction ${wrong}. ${remedy}`,
    );
  }
}
