import { type EvaluateOptions, type Evaluation, evaluate, type TestSessions } from '@gru4rec/metrics';
import { type Contender, needsSeed } from './contender.ts';
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
  const runs = new Map<Contender, { name: string; runs: ContenderRun[] }>();
  let lasting: ReadonlyMap<string, Promise<Fitted>> = new Map();
  const rounds: readonly (number | undefined)[] = seeds.length === 0 ? [undefined] : seeds;
  for (const [round, seed] of rounds.entries()) {
    const fitter = new Fitter(context, seed, lasting);
    for (const contender of contenders) {
      if (round > 0 && !needsSeed(contender)) continue;
      const fitted = await fitter.fit(contender);
      const run = evaluateFitted(fitted, sessions, options, seed);
      const name = nameOf(contender, fitted);
      const sofar = runs.get(contender) ?? { name, runs: [] };
      sofar.runs.push(run);
      runs.set(contender, sofar);
      onRun(name, run);
    }
    lasting = fitter.lasting(contenders);
  }
  return contenders.map((contender) => ({ contender, ...(runs.get(contender) ?? { name: '', runs: [] }) }));
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

/** A baseline with options tells them, so that two of a kind can stand side by side. */
function nameOf(contender: Contender, { scorer, options }: Fitted): string {
  switch (contender.kind) {
    case 'model':
      return scorer.name;
    case 'baseline': {
      const [, ...given] = contender.text.split(':');
      return given.length === 0 ? scorer.name : `${scorer.name} (${given.join(':')})`;
    }
    case 'mix': {
      const parts = options['parts'] as readonly string[];
      return contender.weight === undefined
        ? parts.join(' + ')
        : `${parts.join(' + ')} (${contender.weight})`;
    }
  }
}
