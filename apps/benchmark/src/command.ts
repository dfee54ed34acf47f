import yargs from 'yargs';
import {
  type ArgumentsOf,
  checkPositiveIntegers,
  parsePattern,
  runCommand,
  type Surroundings,
  UsageError,
} from './command-line.ts';
import type { ComparisonRow, ContestOptions } from './contest.ts';
import { measuredEngines, nativeChoices } from './engine-choice.ts';
import { readEnvironment } from './environment.ts';
import { formatReport } from './report.ts';

type Suite = (options: ContestOptions) => Promise<ComparisonRow[]>;

const suites: Readonly<Record<string, Suite>> = {
  epoch: async (options) => (await import('./suites/epoch.ts')).measureEpochs(options),
  prepare: async (options) => (await import('./suites/prepare.ts')).measurePreparation(options),
  serve: async (options) => (await import('./suites/serve.ts')).measureServing(options),
  tensorflow: async (options) => (await import('./suites/tensorflow.ts')).measureTensorFlow(options, 'cpu'),
  cuda: async (options) => (await import('./suites/tensorflow.ts')).measureTensorFlow(options, 'gpu'),
};

/** Returns 0; 1 if an engine cannot run here; 2 if the command line is wrong or no row matches. */
export function runBenchmark(
  words: readonly string[],
  surroundings: Pick<Surroundings, 'print' | 'complain'>,
): Promise<number> {
  const { print, complain } = surroundings;
  return runCommand('benchmark', benchmarkParser(), words, surroundings, async (found) => {
    const options = { ...contestOptions(found), onTurn: complain };
    const environment = readEnvironment();
    const rows = (await suites[found.suite]?.(options)) ?? [];
    if (rows.length === 0) throw new UsageError(`benchmark: no row matches /${found.only}/`);
    print(formatReport(environment, rows));
    return 0;
  });
}

function benchmarkParser() {
  const text = { type: 'string', requiresArg: true } as const;
  const number = { type: 'number' } as const;
  const wasm = { default: 'wasm' as const, requiresArg: true };
  const kernels = 'Kernels of our engine: WebAssembly, or native ones of the best or of one instruction set';
  return yargs()
    .usage('$0', 'Measures training, preparation and serving, beside other programs where there are any.')
    .option('suite', { ...text, choices: Object.keys(suites), default: 'epoch' })
    .option('only', { ...text, default: '', describe: 'Regular expression that selects the rows to measure' })
    .option('engine', { ...wasm, choices: measuredEngines, describe: 'Our engine in the suite epoch' })
    .option('threads', { ...number, describe: 'Threads of our engine' })
    .option('relaxed', { type: 'boolean', describe: 'Use relaxed SIMD in our engine, or not (--no-relaxed)' })
    .option('kernels', { ...wasm, choices: ['wasm', ...nativeChoices] as const, describe: kernels })
    .option('events', { ...number, describe: 'Events in the logs, instead of the default of each row' })
    .option('seconds', { ...number, default: 2, describe: 'Length of one measurement' })
    .option('rounds', { ...number, default: 5, describe: 'Number of rounds to compare' });
}

function contestOptions(args: ArgumentsOf<typeof benchmarkParser>): ContestOptions {
  const { engine: name, seconds, rounds, threads, relaxed, kernels, events } = args;
  if (!(seconds > 0)) throw new UsageError(`benchmark: "seconds" expected > 0, got ${seconds}`);
  checkPositiveIntegers('benchmark', { rounds, threads, events });
  const engine = { name, threads, relaxed, kernels };
  return { seconds, rounds, events, engine, only: parsePattern('benchmark', args.only) };
}
