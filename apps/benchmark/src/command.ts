import { writeFileSync } from 'node:fs';
import yargs from 'yargs';
import { readEnvironment } from './environment.ts';
import { parseWords, UsageError } from './parse-words.ts';
import { prototypeProblem } from './prototype.ts';
import { formatReport, type Report } from './report.ts';
import { measureBatcher } from './suites/batcher.ts';
import { measureLosses } from './suites/loss.ts';
import { measureSampler } from './suites/sampler.ts';
import { measureSteps } from './suites/step.ts';

/** What the command needs of its process. */
export interface Surroundings {
  readonly resolvePath: (path: string) => string;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Why this is no moment to measure; undefined if it is one. */
  readonly loadProblem: () => string | undefined;
}

interface Settings {
  readonly suites: readonly string[];
  readonly seconds: number;
  readonly rounds: number;
  readonly force: boolean;
  readonly prototype?: string;
  readonly json?: string;
}

const suiteNames = ['step', 'loss', 'sampler', 'batcher'];

/**
 * `benchmark [--suite NAME …] [--prototype DIR] [--json FILE] …`.
 * @returns exit status: 0, 1 if this is no moment to measure, 2 if the command makes no sense.
 */
export async function runBenchmark(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { print, complain } = surroundings;
  try {
    const settings = parse(words, surroundings);
    if (typeof settings === 'string') {
      print(settings);
      return 0;
    }
    const problem = settings.force ? undefined : surroundings.loadProblem();
    if (problem !== undefined) {
      complain(`benchmark: ${problem}`);
      return 1;
    }
    const report = await measure(settings);
    print(formatReport(report));
    if (settings.json) writeFileSync(settings.json, `${JSON.stringify(report, undefined, 2)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(error.message);
    return 2;
  }
}

async function measure({ suites, seconds, rounds, prototype }: Settings): Promise<Report> {
  const environment = readEnvironment();
  const steps = suites.includes('step')
    ? { steps: await measureSteps({ seconds, rounds, ...(prototype ? { prototype } : {}) }) }
    : {};
  const losses = suites.includes('loss') ? { losses: measureLosses({ seconds, rounds }) } : {};
  const sampler = suites.includes('sampler') ? { sampler: await measureSampler({ seconds }) } : {};
  const batcher = suites.includes('batcher') ? { batcher: await measureBatcher({ seconds }) } : {};
  const withoutPrototype = suites.includes('step') && !prototype;
  const skipped = withoutPrototype ? ['prototype: no folder given, see --prototype'] : [];
  return { environment, ...steps, ...losses, ...sampler, ...batcher, skipped };
}

/** @returns the settings, or the help text if that was asked for. */
function parse(words: readonly string[], { resolvePath }: Surroundings): Settings | string {
  const parser = yargs()
    .scriptName('benchmark')
    .usage('$0', 'Measures training steps, losses, the sampler and the batcher on one thread.')
    .option('suite', { type: 'string', array: true, choices: suiteNames, default: suiteNames })
    .option('prototype', {
      type: 'string',
      requiresArg: true,
      describe: 'folder of the built prototype, to be measured in turn',
    })
    .option('json', { type: 'string', requiresArg: true, describe: 'file for the figures' })
    .option('seconds', { type: 'number', default: 2, describe: 'time of one measurement' })
    .option('rounds', { type: 'number', default: 5, describe: 'turns of two that are compared' })
    .option('force', { type: 'boolean', default: false, describe: 'measure whatever the load' });
  const found = parseWords(parser, words);
  if (typeof found === 'string') return found;
  if (!(found.seconds > 0)) throw new UsageError(`benchmark: "seconds" expected > 0, got ${found.seconds}`);
  if (!Number.isInteger(found.rounds) || found.rounds < 1) {
    throw new UsageError(`benchmark: "rounds" expected an integer >= 1, got ${found.rounds}`);
  }
  const prototype = found.prototype ? resolvePath(found.prototype) : undefined;
  const problem = prototype && prototypeProblem(prototype);
  if (problem) throw new UsageError(`benchmark: ${problem}`);
  return {
    suites: found.suite,
    seconds: found.seconds,
    rounds: found.rounds,
    force: found.force,
    ...(prototype ? { prototype } : {}),
    ...(found.json ? { json: resolvePath(found.json) } : {}),
  };
}
