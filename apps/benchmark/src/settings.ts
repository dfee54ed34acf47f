import yargs from 'yargs';
import {
  type ArgumentsOf,
  checkPositiveIntegers,
  parsePattern,
  runCommand,
  type Surroundings,
  UsageError,
} from './command-line.ts';
import { measuredEngines, nativeChoices } from './engine-choice.ts';
import { defaultPeerDirectory } from './peers/peers.ts';
import { type SuiteOptions, suites } from './suites/registry.ts';

const byDefault: readonly string[] = ['parts'];

/** The settings of a `benchmark` command line. */
export interface Settings extends SuiteOptions {
  readonly suites: readonly string[];
  readonly force: boolean;
  readonly json?: string;
  readonly record: boolean;
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
    .option('suite', { type: 'string', array: true, choices: Object.keys(suites), default: byDefault })
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

/**
 * Runs a `benchmark` command line.
 * @returns exit status, as {@link runCommand} gives it.
 */
export function runWithSettings(
  words: readonly string[],
  surroundings: Surroundings,
  run: (settings: Settings) => Promise<number>,
): Promise<number> {
  return runCommand('benchmark', benchmarkParser(), words, surroundings, (found) =>
    run(settingsOf(found, surroundings)),
  );
}

/** @throws UsageError naming what is wrong. */
function settingsOf(found: ArgumentsOf<typeof benchmarkParser>, { resolvePath }: Surroundings): Settings {
  const { engine, seconds, rounds, force, record, threads, relaxed, kernels, events, json } = found;
  if (!(seconds > 0)) throw new UsageError(`benchmark: "seconds" expected > 0, got ${seconds}`);
  checkPositiveIntegers('benchmark', { rounds, threads, events });
  return {
    suites: found.suite,
    seconds,
    rounds,
    force,
    record,
    only: parsePattern('benchmark', found.only),
    engine: {
      ...(engine === 'wasm' ? {} : { name: engine }),
      ...(threads === undefined ? {} : { threads }),
      ...(relaxed === undefined ? {} : { relaxed }),
      ...(kernels === 'wasm' ? {} : { kernels }),
    },
    peerDirectory: found['peer-directory'] ? resolvePath(found['peer-directory']) : defaultPeerDirectory,
    ...(events === undefined ? {} : { events }),
    ...(json ? { json: resolvePath(json) } : {}),
  };
}
