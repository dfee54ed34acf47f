import { type EvaluateOptions, type Evaluation, evaluate, type TestSessions } from '@gru4rec/metrics';
import { type Contender, nameContenders, needsSeed } from './contender.ts';
import { type FitContext, type Fitted, Fitter } from './fit-contender.ts';

/** A contender fitted with one seed and evaluated. */
export interface ContenderRun extends Omit<Fitted, 'scorer'> {
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
  readonly onRun: (name: string, run: ContenderRun) => void;
}

/** Fits every contender with every seed that matters to it, and evaluates it on the same sessions. */
export async function runContenders(
  contenders: readonly Contender[],
  context: FitContext,
  sessions: TestSessions,
  { seeds, onRun, ...options }: RunOptions,
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
      const run = evaluateFitted(await fitter.fit(contender), sessions, options, seed);
      runs.push(run);
      onRun(name, run);
    }
  }
  return found;
}

function evaluateFitted(
  { scorer, ...fitted }: Fitted,
  sessions: TestSessions,
  options: EvaluateOptions,
  seed: number | undefined,
): ContenderRun {
  const start = performance.now();
  const evaluation = evaluate(scorer, sessions, { ...options, keepRanks: options.protocol !== 'remaining' });
  return { ...fitted, seed, evaluation, evaluateSeconds: (performance.now() - start) / 1000 };
}
