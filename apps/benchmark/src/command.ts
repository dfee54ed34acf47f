import { writeFileSync } from 'node:fs';
import type { Device, LoadedTensorFlow } from '@gru4rec/engine-tensorflow/runtime';
import yargs from 'yargs';
import {
  type ArgumentsOf,
  checkPositiveIntegers,
  Failure,
  parsePattern,
  runCommand,
  type Surroundings,
  UsageError,
} from './command-line.ts';
import type { ComparisonRow, ContestOptions } from './contest.ts';
import { deviceOf, loadForDevice, measuredEngines, nativeChoices } from './engine-choice.ts';
import { loadProblem, readEnvironment } from './environment.ts';
import { formatReport, type Report, recordRun, resultsPage } from './report.ts';

export interface BenchmarkSurroundings extends Surroundings {
  /** Why the machine is not ready to measure; undefined if it is. */
  readonly loadProblem?: () => string | undefined;
  readonly resultsPage?: string;
}

type Suite = (options: ContestOptions, loaded: LoadedTensorFlow | undefined) => Promise<ComparisonRow[]>;

const onTensorFlow = (device: Device): Suite => {
  return async (options, loaded) =>
    (await import('./suites/tensorflow.ts')).measureTensorFlow(options, device, loaded as LoadedTensorFlow);
};

const suites: Readonly<Record<string, Suite>> = {
  parts: async (options) => (await import('./parts/measure-parts.ts')).measureParts(options),
  epoch: async (options) => (await import('./suites/epoch.ts')).measureEpochs(options),
  prepare: async (options) => (await import('./suites/prepare.ts')).measurePreparation(options),
  evaluation: async (options) => (await import('./suites/evaluation.ts')).measureEvaluations(options),
  recommend: async (options) => (await import('./suites/recommend.ts')).measureRecommendations(options),
  serve: async (options) => (await import('./suites/serve.ts')).measureServing(options),
  tensorflow: onTensorFlow('cpu'),
  cuda: onTensorFlow('gpu'),
};

/** Returns 0; 1 if the machine is not ready to measure or an engine cannot run here; 2 if the command line is wrong. */
export function runBenchmark(words: readonly string[], surroundings: BenchmarkSurroundings): Promise<number> {
  const { print, complain, resolvePath } = surroundings;
  return runCommand('benchmark', benchmarkParser(), words, surroundings, async (found) => {
    const options = { ...contestOptions(found), onTurn: complain };
    const problem = found.force ? undefined : (surroundings.loadProblem ?? loadProblem)();
    if (problem !== undefined) throw new Failure(`benchmark: ${problem}`);
    const shown = words.map((word) => (/[^\w.,=-]/.test(word) ? `'${word}'` : word)).join(' ');
    const chosen = Object.entries(suites).filter(([name]) => found.suite.includes(name));
    const loaded = loadTensorFlowFor(found.suite, options);
    const environment = readEnvironment();
    const comparisons: ComparisonRow[] = [];
    for (const [, measure] of chosen) comparisons.push(...(await measure(options, loaded)));
    const command = `pnpm --filter benchmark start ${shown}`.trim();
    const report: Report = { environment, command, comparisons };
    print(formatReport(report));
    if (found.json) writeFileSync(resolvePath(found.json), `${JSON.stringify(report, undefined, 2)}\n`);
    if (found.record) print(recordRun(report, surroundings.resultsPage ?? resultsPage));
    return 0;
  });
}

/** A process loads one native library; the GPU's also computes on the CPU. */
function loadTensorFlowFor(
  names: readonly string[],
  { engine }: ContestOptions,
): LoadedTensorFlow | undefined {
  const ofEpoch = names.includes('epoch') ? deviceOf(engine) : undefined;
  if (names.includes('cuda') || ofEpoch === 'gpu') return loadForDevice('gpu');
  return names.includes('tensorflow') || ofEpoch ? loadForDevice('cpu') : undefined;
}

function benchmarkParser() {
  const text = { type: 'string', requiresArg: true } as const;
  const number = { type: 'number' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const wasm = { default: 'wasm' as const, requiresArg: true };
  const ofKernels =
    'Kernels of our engine: WebAssembly, or native ones of the best or of one instruction set';
  const ofEvents = 'Number of events in the logs, instead of the default of each row';
  return yargs()
    .usage(
      '$0',
      'Measures training, its parts and the commands around it, some of them next to other programs.',
    )
    .option('suite', { ...text, array: true, choices: Object.keys(suites), default: ['parts'] })
    .option('only', { ...text, default: '', describe: 'Regular expression that selects the rows to measure' })
    .option('engine', { ...wasm, choices: measuredEngines, describe: 'Our engine in the suite epoch' })
    .option('threads', { ...number, describe: 'Threads of our engine' })
    .option('relaxed', { type: 'boolean', describe: 'Use relaxed SIMD in our engine, or not (--no-relaxed)' })
    .option('kernels', { ...wasm, choices: ['wasm', ...nativeChoices] as const, describe: ofKernels })
    .option('events', { ...number, describe: ofEvents })
    .option('json', { ...text, describe: 'File for the figures' })
    .option('record', { ...flag, describe: 'Add the figures to RESULTS.md' })
    .option('seconds', { ...number, default: 2, describe: 'Length of one measurement' })
    .option('rounds', { ...number, default: 5, describe: 'Number of rounds to compare' })
    .option('force', { ...flag, describe: 'Measure at any load average' });
}

function contestOptions(found: ArgumentsOf<typeof benchmarkParser>): ContestOptions {
  const { engine: name, seconds, rounds, threads, relaxed, kernels, events } = found;
  if (!(seconds > 0)) throw new UsageError(`benchmark: "seconds" expected > 0, got ${seconds}`);
  checkPositiveIntegers('benchmark', { rounds, threads, events });
  const engine = {
    ...(name !== 'wasm' && { name }),
    ...(threads !== undefined && { threads }),
    ...(relaxed !== undefined && { relaxed }),
    ...(kernels !== 'wasm' && { kernels }),
  };
  return { seconds, rounds, events, engine, only: parsePattern('benchmark', found.only) };
}
