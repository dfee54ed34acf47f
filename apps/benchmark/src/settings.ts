import yargs from 'yargs';
import { type EngineChoice, measuredEngines, nativeChoices } from './engine-choice.ts';
import { parseWords, UsageError } from './parse-words.ts';
import { defaultPeerDirectory } from './peers/peers.ts';
import { prototypeProblem } from './prototype.ts';

/** The names of all suites. Those that take about a minute come first. */
const suiteNames = [
  'step',
  'loss',
  'sampler',
  'batcher',
  'epoch',
  'prepare',
  'scale',
  'evaluation',
  'recommend',
  'ids',
  'stream',
  'start',
  'serve',
  'sweep',
  'threads',
  'tensorflow',
  'cuda',
] as const;
const byDefault = ['step', 'loss', 'sampler', 'batcher'];

/** The settings of a `benchmark` command line. */
export interface Settings {
  readonly suites: readonly string[];
  readonly seconds: number;
  readonly rounds: number;
  readonly force: boolean;
  readonly engine: EngineChoice;
  readonly only: RegExp;
  readonly peerDirectory: string;
  readonly events?: number;
  readonly memoryLimit: string;
  readonly peerMemory: number;
  readonly prototype?: string;
  readonly json?: string;
  readonly record: boolean;
}

function benchmarkParser() {
  return yargs()
    .scriptName('benchmark')
    .usage(
      '$0',
      'Measures training, its parts and the commands around it, some of them next to other programs.',
    )
    .option('suite', { type: 'string', array: true, choices: suiteNames, default: byDefault })
    .option('only', {
      type: 'string',
      default: '',
      describe: 'Regular expression that selects the rows to measure',
    })
    .option('prototype', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder of the built prototype, which takes turns with ours',
    })
    .option('peer-directory', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder of the installed peers, if not the default',
    })
    .option('engine', {
      choices: measuredEngines,
      default: 'wasm' as const,
      requiresArg: true,
      describe: 'Our engine in the suite epoch',
    })
    .option('threads', { type: 'number', describe: 'Threads of our engine' })
    .option('relaxed', { type: 'boolean', describe: 'Use relaxed SIMD in our engine, or not (--no-relaxed)' })
    .option('kernels', {
      choices: ['wasm', ...nativeChoices] as const,
      default: 'wasm' as const,
      requiresArg: true,
      describe: 'Kernels of our engine: WebAssembly, or native ones of the best or of one instruction set',
    })
    .option('events', {
      type: 'number',
      describe: 'Number of events in the logs, instead of the default of each row',
    })
    .option('memory-limit', {
      type: 'string',
      requiresArg: true,
      default: '4GB',
      describe: 'Memory limit of our program in the suite scale',
    })
    .option('peer-memory', {
      type: 'number',
      requiresArg: true,
      default: 16,
      describe: 'GiB of memory at which a peer in the suite scale is killed',
    })
    .option('json', { type: 'string', requiresArg: true, describe: 'File for the figures' })
    .option('record', { type: 'boolean', default: false, describe: 'Save the figures in results/' })
    .option('seconds', { type: 'number', default: 2, describe: 'Length of one measurement' })
    .option('rounds', { type: 'number', default: 5, describe: 'Number of rounds to compare' })
    .option('force', { type: 'boolean', default: false, describe: 'Measure at any load average' });
}

/**
 * @returns the settings, or the help text if it was requested.
 * @throws UsageError naming what is wrong.
 */
export function parseSettings(
  words: readonly string[],
  resolvePath: (path: string) => string,
): Settings | string {
  const found = parseWords(benchmarkParser(), words);
  if (typeof found === 'string') return found;
  const {
    suite: suites,
    engine,
    seconds,
    rounds,
    force,
    record,
    threads,
    relaxed,
    kernels,
    events,
    json,
  } = found;
  if (!(seconds > 0)) throw new UsageError(`benchmark: "seconds" expected > 0, got ${seconds}`);
  checkPositiveIntegers({ rounds, threads, events });
  const [memoryLimit, peerMemory] = [found['memory-limit'], found['peer-memory']];
  if (!(peerMemory > 0)) throw new UsageError(`benchmark: "peer-memory" expected > 0, got ${peerMemory}`);
  const prototype = found.prototype ? resolvePath(found.prototype) : undefined;
  const problem = prototype && prototypeProblem(prototype);
  if (problem) throw new UsageError(`benchmark: ${problem}`);
  return {
    suites,
    seconds,
    rounds,
    force,
    record,
    only: parsePattern(found.only),
    engine: {
      ...(engine === 'wasm' ? {} : { name: engine }),
      ...(threads === undefined ? {} : { threads }),
      ...(relaxed === undefined ? {} : { relaxed }),
      ...(kernels === 'wasm' ? {} : { kernels }),
    },
    peerDirectory: found['peer-directory'] ? resolvePath(found['peer-directory']) : defaultPeerDirectory,
    ...(events === undefined ? {} : { events }),
    memoryLimit,
    peerMemory,
    ...(prototype ? { prototype } : {}),
    ...(json ? { json: resolvePath(json) } : {}),
  };
}

function checkPositiveIntegers(numbers: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
    throw new UsageError(`benchmark: "${name}" expected an integer >= 1, got ${value}`);
  }
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new UsageError(
      `benchmark: "only" expected a regular expression, got ${text}: ${(error as Error).message}`,
    );
  }
}
