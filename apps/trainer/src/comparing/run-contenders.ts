import { type EvaluateOptions, type Evaluation, evaluate, type SessionArrays } from '@gru4rec/metrics';
import { type Contender, nameContenders, needsSeed } from './contender.ts';
import { evaluateBaseline } from './evaluate-baseline.ts';
import { type FitContext, type Fitted, Fitter } from './fit-contender.ts';

/** A contender fitted with one seed and evaluated. */
export interface ContenderRun extends Omit<Fitted, 'scorer' | 'baseline'> {
  readonly seed: number | undefined;
  readonly evaluation: Evaluation;
  readonly evaluateSeconds: number;
}

/** A contender and how it did, once a seed, or once where no seed matters. */
export interface ContenderRuns {
  readonly contender: Contender;
  readonly name: string;
  readonly runs: readonly ContenderRun[];
}

/** How contenders are run. */
export interface RunOptions extends Omit<EvaluateOptions, 'onProgress'> {
  /** None: the seeds of the configurations, once. */
  readonly seeds: readonly number[];
  /** For baselines; models run on those of the engine, mixes on one. */
  readonly threads: number;
  readonly onRun: (name: string, run: ContenderRun) => void;
}

/** Fits every contender with every seed that matters to it, and evaluates it on the same sessions. */
export async function runContenders(
  contenders: readonly Contender[],
  context: FitContext,
  sessions: SessionArrays,
  { seeds, onRun, threads, ...options }: RunOptions,
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
      const run = await evaluateFitted(await fitter.fit(contender), sessions, options, { threads, seed });
      runs.push(run);
      onRun(name, run);
    }
  }
  return found;
}

async function evaluateFitted(
  { scorer, baseline, ...fitted }: Fitted,
  sessions: SessionArrays,
  options: EvaluateOptions,
  { threads, seed }: { readonly threads: number; readonly seed: number | undefined },
): Promise<ContenderRun> {
  const start = performance.now();
  const ranked = { ...options, keepRanks: options.protocol !== 'remaining' };
  const evaluation = baseline
    ? await evaluateBaseline(baseline, sessions, ranked, { threads })
    : evaluate(scorer, sessions, ranked);
  return { ...fitted, seed, evaluation, evaluateSeconds: (performance.now() - start) / 1000 };
}
