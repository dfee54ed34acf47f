import type { SessionDataset } from '@gru4rec/dataset';
import { type EvaluateOptions, evaluationWarnings, type SessionArrays } from '@gru4rec/metrics';
import { mainCutoff } from '@gru4rec/report';
import { type Contender, fitContender, nameContenders, needsSeed } from './contenders/contender.ts';
import type { FitContext, Fitted } from './contenders/kind.ts';
import { evaluateFitted, type PartedEvaluation, type ThreadOptions } from './evaluate-scorer.ts';
import type { DatasetFacts, HeldOut } from './held-out.ts';
import type { Keeper } from './keep-recommender.ts';
import { evaluateVisitors } from './visitors.ts';

/** The evaluation of a contender that was fitted with one seed. */
export interface ContenderRun extends Omit<Fitted, 'scorer' | 'recommender'> {
  readonly seed: number | undefined;
  readonly evaluation: PartedEvaluation;
  readonly evaluateSeconds: number;
}

/** A run of a contender that has one. */
export interface NamedRun {
  readonly name: string;
  readonly run: ContenderRun;
}

export interface ContenderRuns {
  readonly contender: Contender;
  readonly name: string;
  readonly runs: readonly ContenderRun[];
}

export interface RunOptions extends Omit<EvaluateOptions, 'support' | 'onProgress' | 'keepRanks' | 'warmUp'> {
  /** Empty: one run with the seeds of the configurations. */
  readonly seeds: readonly number[];
  readonly split: HeldOut;
  /** Threads of baselines; models use those of the engine. */
  readonly threads: number;
  readonly onRun: ((name: string, run: ContenderRun) => void) | undefined;
  readonly keeper: Keeper | undefined;
}

/** With every seed that a contender depends on. */
export async function runContenders(
  contenders: readonly Contender[],
  context: Omit<FitContext, 'seed'>,
  sessions: SessionArrays,
  { seeds, onRun, keeper, threads, split, ...options }: RunOptions,
): Promise<ContenderRuns[]> {
  const names = nameContenders(contenders);
  const cutoff = mainCutoff(options.cutoffs ?? [20]);
  const found = contenders.map((contender, place) => ({
    contender,
    name: names[place] ?? contender.text,
    runs: [] as ContenderRun[],
  }));
  const rounds: readonly (number | undefined)[] = seeds.length === 0 ? [undefined] : seeds;
  for (const [round, seed] of rounds.entries()) {
    for (const { contender, name, runs } of found) {
      if (round > 0 && !needsSeed(contender)) continue;
      const { recommender, trained, ...fitted } = await fitContender(contender, { ...context, seed });
      const ranked = { ...options, keepRanks: options.protocol !== 'remaining' };
      const evaluated = await evaluateRun(fitted, context.dataset, sessions, ranked, { threads, seed });
      const visitors = await evaluateVisitors(recommender, context.dataset, { split, sessions, cutoff });
      const run = { ...evaluated, evaluation: { ...evaluated.evaluation, visitors } };
      runs.push(run);
      keeper?.offer({ name, recommender, tunedOn: run.tunedOn, trained }, run.evaluation);
      onRun?.(name, run);
    }
  }
  return found;
}

export async function evaluateRun(
  { scorer, ...fitted }: Omit<Fitted, 'recommender'>,
  dataset: SessionDataset,
  sessions: SessionArrays,
  options: EvaluateOptions,
  { seed, ...threading }: ThreadOptions & { readonly seed?: number | undefined },
): Promise<ContenderRun> {
  const start = performance.now();
  const evaluation = await evaluateFitted(scorer, dataset, sessions, options, threading);
  return { ...fitted, seed, evaluation, evaluateSeconds: (performance.now() - start) / 1000 };
}

/** Warnings about the reliability of figures. @param evaluated - SHA-256 of the evaluated split. */
export function warningsOf(
  runs: readonly NamedRun[],
  facts: DatasetFacts,
  { evaluated, intervals }: { readonly evaluated: string; readonly intervals: boolean },
): string[] {
  const { predictions = 0, sessions } = runs[0]?.run.evaluation ?? {};
  const found = evaluationWarnings({
    predictions,
    sessions: intervals ? sessions : undefined,
    ...facts,
    scorers: runs.map(({ name, run }) => ({ name, ties: run.evaluation.ties })),
    tuning: {
      evaluated,
      tunedOn: runs.flatMap(({ name, run }) => run.tunedOn.map((checksum) => ({ name, checksum }))),
    },
  });
  return found.map(({ message }) => message);
}
