import { writeFileSync } from 'node:fs';
import type { Device, LoadedTensorFlow } from '@gru4rec/tensorflow-runtime';
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
import type { ComparisonRow } from './contest.ts';
import { measuredEngines, nativeChoices } from './engine-choice.ts';
import { loadProblem, readEnvironment } from './environment.ts';
import { defaultPeerDirectory } from './peers/peers.ts';
import { recordRun, resultsPage } from './record.ts';
import { formatReport, type Report } from './report.ts';
import { type SuiteOptions, suites } from './suites/registry.ts';
import { loadForDevices } from './tensorflow.ts';

/** The parts of the process that the command uses. */
export interface BenchmarkSurroundings extends Surroundings {
  /** Why the machine is not ready to measure; undefined if it is. Default: by its load average. */
  readonly loadProblem?: () => string | undefined;
  /** The page that `--record` adds to. Default: RESULTS.md of the app. */
  readonly resultsPage?: string;
}

/**
 * `benchmark [--suite NAME …] [--json FILE] …`.
 * @returns exit status: 0; 1 if the machine is not ready to measure or an engine cannot run here; 2 if the command line is wrong.
 */
export function runBenchmark(words: readonly string[], surroundings: BenchmarkSurroundings): Promise<number> {
  const { print, complain, resolvePath } = surroundings;
  return runCommand('benchmark', benchmarkParser(), words, surroundings, async (found) => {
    const options = { ...suiteOptions(found, surroundings), onTurn: complain };
    const problem = found.force ? undefined : (surroundings.loadProblem ?? loadProblem)();
    if (problem !== undefined) throw new Failure(`benchmark: ${problem}`);
    const command = `pnpm --filter benchmark start ${withoutPlaces(words).join(' ')}`.trim();
    const report: Report = { ...(await measure(found.suite, options)), command };
    print(formatReport(report));
    if (found.json) writeFileSync(resolvePath(found.json), `${JSON.stringify(report, undefined, 2)}\n`);
    if (found.record) print(recordRun(report, surroundings.resultsPage ?? resultsPage));
    return 0;
  });
}

/** The words of a command line that others can repeat, without the paths of this machine. */
function withoutPlaces(words: readonly string[]): string[] {
  const places = ['--peer-directory', '--json'];
  return words.map((word, at) => {
    const [name = ''] = word.split('=', 1);
    if (places.includes(name)) return word.includes('=') ? `${name}=PATH` : word;
    if (places.includes(words[at - 1] ?? '')) return 'PATH';
    return /[^\w.,=-]/.test(word) ? `'${word}'` : word;
  });
}

async function measure(names: readonly string[], options: SuiteOptions): Promise<Omit<Report, 'command'>> {
  const chosen = Object.entries(suites).filter(([name]) => names.includes(name));
  // Before anything is measured, so that no measurement is lost if an engine cannot run here.
  const devices = chosen.flatMap(([name, { device }]) =>
    name === 'epoch' ? deviceOf(options.engine.name) : (device ?? []),
  );
  const loaded = loadForDevices(devices) as LoadedTensorFlow;
  const environment = readEnvironment();
  const comparisons: ComparisonRow[] = [];
  for (const [, suite] of chosen) comparisons.push(...(await suite.measure(options, loaded)));
  return { environment, comparisons };
}

/** The device that TensorFlow must support for our engine in the suite epoch. */
function deviceOf(engine: SuiteOptions['engine']['name']): readonly Device[] {
  if (engine === 'tensorflow') return ['cpu'];
  return engine === 'cuda' ? ['gpu'] : [];
}

function benchmarkParser() {
  const text = { type: 'string', requiresArg: true } as const;
  const number = { type: 'number' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const wasm = { default: 'wasm' as const, requiresArg: true };
  const kernels = ['wasm', ...nativeChoices] as const;
  return yargs()
    .scriptName('benchmark')
    .usage(
      '$0',
      'Measures training, its parts and the commands around it, some of them next to other programs.',
    )
    .option('suite', { type: 'string', array: true, choices: Object.keys(suites), default: ['parts'] })
    .option('only', {
      ...{ type: 'string', default: '' },
      describe: 'Regular expression that selects the rows to measure',
    })
    .option('peer-directory', { ...text, describe: 'Folder of the installed peers, if not the default' })
    .option('engine', { ...wasm, choices: measuredEngines, describe: 'Our engine in the suite epoch' })
    .option('threads', { ...number, describe: 'Threads of our engine' })
    .option('relaxed', { type: 'boolean', describe: 'Use relaxed SIMD in our engine, or not (--no-relaxed)' })
    .option('kernels', {
      ...{ ...wasm, choices: kernels },
      describe: 'Kernels of our engine: WebAssembly, or native ones of the best or of one instruction set',
    })
    .option('events', {
      ...number,
      describe: 'Number of events in the logs, instead of the default of each row',
    })
    .option('json', { ...text, describe: 'File for the figures' })
    .option('record', { ...flag, describe: 'Add the figures to RESULTS.md' })
    .option('seconds', { ...number, default: 2, describe: 'Length of one measurement' })
    .option('rounds', { ...number, default: 5, describe: 'Number of rounds to compare' })
    .option('force', { ...flag, describe: 'Measure at any load average' });
}

/** The options of suites. @throws UsageError naming what is wrong. */
function suiteOptions(
  found: ArgumentsOf<typeof benchmarkParser>,
  { resolvePath }: Surroundings,
): SuiteOptions {
  const { engine: name, seconds, rounds, threads, relaxed, kernels, events } = found;
  if (!(seconds > 0)) throw new UsageError(`benchmark: "seconds" expected > 0, got ${seconds}`);
  checkPositiveIntegers('benchmark', { rounds, threads, events });
  return {
    ...{ seconds, rounds, only: parsePattern('benchmark', found.only) },
    engine: {
      ...(name !== 'wasm' && { name }),
      ...(threads !== undefined && { threads }),
      ...(relaxed !== undefined && { relaxed }),
      ...(kernels !== 'wasm' && { kernels }),
    },
    peerDirectory: found['peer-directory'] ? resolvePath(found['peer-directory']) : defaultPeerDirectory,
    ...(events !== undefined && { events }),
  };
}
