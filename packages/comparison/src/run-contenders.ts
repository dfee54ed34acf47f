import type { EvaluateOptions, Evaluation, SessionArrays } from '@gru4rec/metrics';
import { type Contender, nameContenders, needsSeed } from './contender.ts';
import { evaluateScorer } from './evaluate-scorer.ts';
import { type FitContext, type Fitted, Fitter } from './fit-contender.ts';
import type { Keeper } from './keep-recommender.ts';

/** The evaluation of a contender that was fitted with one seed. */
export interface ContenderRun extends Omit<Fitted, 'scorer' | 'parts'> {
  readonly seed: number | undefined;
  readonly evaluation: Evaluation;
  readonly evaluateSeconds: number;
}

/** A contender and its runs: one per seed, or one if it does not depend on a seed. */
export interface ContenderRuns {
  readonly contender: Contender;
  readonly name: string;
  readonly runs: readonly ContenderRun[];
}

/** Options of the runs. */
export interface RunOptions extends Omit<EvaluateOptions, 'onProgress'> {
  /** Empty: one run with the seeds of the configurations. */
  readonly seeds: readonly number[];
  /** Threads of baselines; models use those of the engine, mixes one. */
  readonly threads: number;
  readonly onRun: ((name: string, run: ContenderRun) => void) | undefined;
  /** Gets every run while what was fitted is in memory. */
  readonly keeper: Keeper | undefined;
}

/** Fits every contender with every seed that it depends on, and evaluates it on the same sessions. */
export async function runContenders(
  contenders: readonly Contender[],
  context: FitContext,
  sessions: SessionArrays,
  { seeds, onRun, keeper, threads, ...options }: RunOptions,
): Promise<ContenderRuns[]> {
  const names = nameContenders(contenders);
  const found = contenders.map((contender, place) => ({
    contender,
    name: names[place] ?? contender.text,
    runs: [] as ContenderRun[],
  }));
  const rounds: readonly (number | undefined)[] = seeds.length === 0 ? [undefined] : seeds;
  let fitter: Fitter | undefined;
  for (const [round, seed] of rounds.entries()) {
    fitter = new Fitter(context, contenders, seed, fitter);
    for (const { contender, name, runs } of found) {
      if (round > 0 && !needsSeed(contender)) continue;
      const { parts, trained, ...fitted } = await fitter.fit(contender);
      const run = await evaluateFitted(fitted, sessions, options, { threads, seed });
      runs.push(run);
      keeper?.offer({ name, parts, tunedOn: run.tunedOn, trained }, run.evaluation);
      onRun?.(name, run);
    }
  }
  return found;
}

async function evaluateFitted(
  { scorer, ...fitted }: Omit<Fitted, 'parts'>,
  sessions: SessionArrays,
  options: EvaluateOptions,
  { threads, seed }: { readonly threads: number; readonly seed: number | undefined },
): Promise<ContenderRun> {
  const start = performance.now();
  const ranked = { ...options, keepRanks: options.protocol !== 'remaining' };
  const evaluation = await evaluateScorer(scorer, sessions, ranked, { threads });
  return { ...fitted, seed, evaluation, evaluateSeconds: (performance.now() - start) / 1000 };
}
