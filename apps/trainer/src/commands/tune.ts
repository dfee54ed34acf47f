import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { type MetricName, metricNames } from '@gru4rec/metrics';
import type { TrialRecord } from '@gru4rec/tuning';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { expectFolder } from '../arguments/folder-kind.ts';
import {
  engineOption,
  integer,
  once,
  optionalText,
  requiredText,
  threadsOption,
} from '../arguments/options.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { checkEngine, chooseEngineName, type EngineName, type NamedEngine } from '../engines/engines.ts';
import { describeError } from '../terminal/describe-error.ts';
import { interruptOnSignal, leaveBy, type StopSignal } from '../terminal/leave-on-signal.ts';
import { printable } from '../terminal/printable.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { checkStorage } from '../tuning/open-study.ts';
import { type Tuned, type TuneSettings, tuneOn } from '../tuning/tune-on.ts';
import type { Command } from './command.ts';

interface TuneArguments {
  data: string;
  space: string;
  config: string | undefined;
  output: string;
  storage: string | undefined;
  study: string | undefined;
  trials: number;
  parallel: number | undefined;
  seed: number;
  sampler: TuneSettings['sampler'];
  pruner: TuneSettings['pruner'];
  metric: MetricName;
  split: undefined;
  json: boolean;
  engine: EngineName;
  threads: number | undefined;
}

/** `trainer tune`: hyper-parameters found on the validation split. */
export function tuneCommand(terminal: Terminal): Command<TuneArguments> {
  return {
    builder: describeOptions,
    handler: (args) => runTune(args, terminal),
  };
}

function describeOptions(yargs: Argv): Argv<TuneArguments> {
  return describeSearch(yargs)
    .usage(
      '$0 tune --data DATA --space SPACE.json --output STUDY [options]\n\nSearches hyper-parameters on the validation split; the test split is never looked at. The same command goes on with a study that was stopped.',
    )
    .option('data', requiredText('data', 'Folder that prepare wrote, with --validation-days'))
    .option(
      'space',
      requiredText(
        'space',
        'JSON file: hyper-parameter → {"type": "uniform" | "log-uniform" | "integer", "low", "high"}, {"type": "choice", "options"} or a value',
      ),
    )
    .option('config', optionalText('config', 'JSON file of the hyper-parameters that the space leaves out'))
    .option('output', requiredText('output', 'Folder of the study, study.duckdb, and of best.json'))
    .option('storage', {
      ...optionalText(
        'storage',
        'PostgreSQL database that keeps the study instead, for processes on several machines: postgres://user@host/database, its password in PGPASSWORD or ~/.pgpass',
      ),
      coerce: (value: unknown) => (value === undefined ? undefined : checkStorage(once('storage')(value))),
    })
    .option(
      'study',
      optionalText('study', 'Name of the study in the database; that of the output folder if not given'),
    )
    .option('json', { type: 'boolean', default: false, describe: 'Answer with one JSON object' })
    .option('engine', engineOption)
    .option('threads', { ...threadsOption, describe: 'Threads of the engine in a trial; 1 if not given' })
    .example('$0 tune --data data --space configs/spaces/cross-entropy.json --output study --trials 60', '')
    .example(
      '$0 tune --data data --space space.json --output study --storage postgres://ann@db/studies',
      'The same on each machine',
    )
    .example('$0 train --data data --config study/best.json --output model', '');
}

function describeSearch(yargs: Argv) {
  return yargs
    .option('trials', {
      type: 'string',
      requiresArg: true,
      default: '50',
      defaultDescription: '50',
      describe: 'Trials in all, those of earlier runs and other processes included',
      coerce: integer('trials', 1),
    })
    .option('parallel', {
      type: 'string',
      requiresArg: true,
      describe:
        'Trials at a time, each in a process of its own; as many as the cores have threads for if not given',
      coerce: integer('parallel', 1),
    })
    .option('seed', {
      type: 'string',
      requiresArg: true,
      default: '42',
      defaultDescription: '42',
      describe: 'Seed of the search and of every training',
      coerce: integer('seed', 0),
    })
    .option('sampler', {
      choices: ['tpe', 'random'] as const,
      default: 'tpe' as const,
      requiresArg: true,
      describe: 'How values are picked: by what earlier trials found, or at random',
    })
    .option('pruner', {
      choices: ['median', 'none'] as const,
      default: 'median' as const,
      requiresArg: true,
      describe:
        'What ends a trial early: being below the median of the others after the same epoch, or nothing',
    })
    .option('metric', {
      choices: metricNames,
      default: 'mrr' as const,
      requiresArg: true,
      describe: 'What to maximise, at 20 items',
    })
    .option('split', { type: 'string', hidden: true, coerce: refuseSplit });
}

/** Tuning on the split that is to tell how good a model is would make the answer worthless. */
function refuseSplit(value: unknown): undefined {
  if (value === undefined) return undefined;
  throw new UsageError(
    `--split expected nothing, got ${once('split')(value)}: tune looks at the validation split alone, never at the test split`,
  );
}

async function runTune(args: ArgumentsCamelCase<TuneArguments>, terminal: Terminal): Promise<void> {
  if (args.study !== undefined && args.storage === undefined)
    throw new UsageError('--study names a study in a database and expected --storage beside it, got none');
  const { directory, stdout, stderr } = terminal;
  const path = (file: string) => resolve(directory, file);
  await expectFolder('--data', path(args.data), 'a dataset');
  const engine = chooseEngineName(args.engine, { threads: args.threads });
  await checkEngine(args.engine);
  const settings: TuneSettings = {
    data: path(args.data),
    space: path(args.space),
    config: args.config === undefined ? undefined : path(args.config),
    output: path(args.output),
    database:
      args.storage === undefined
        ? undefined
        : { url: args.storage, study: args.study ?? basename(path(args.output)) },
    trials: args.trials,
    parallel: args.parallel ?? trialsAtATime(engine, args.threads),
    threads: onTensorFlow(engine) ? undefined : (args.threads ?? 1),
    seed: args.seed,
    sampler: args.sampler,
    pruner: args.pruner,
    metric: args.metric,
    engine,
  };
  const { signal, undo } = interruptOnSignal();
  try {
    const tuned = await tuneOn(settings, {
      signal,
      onTrial: (trial, leader) => stderr.write(`${describeTrial(trial, leader, args.metric)}\n`),
      onWait: (numbers) =>
        stderr.write(`Nothing left to start; other processes still run trials: ${numbers.join(', ')}\n`),
      onLost: (reason) => stderr.write(`The database is away: ${reason}. Trying again for five minutes\n`),
    });
    tell(tuned, args, terminal);
    if (args.json) stdout.writeJson(jsonAnswer(tuned, args));
  } catch (error) {
    // A signal ends the tries to connect again.
    if (!signal.aborted) throw error;
    stderr.write(`${describeError(error)}\n`);
  } finally {
    undo();
  }
  if (signal.aborted) leaveBy(signal.reason as StopSignal);
}

function onTensorFlow(engine: NamedEngine): boolean {
  return engine === 'tensorflow' || engine === 'cuda';
}

/** TensorFlow takes all cores, or the whole GPU, for one trial. */
function trialsAtATime(engine: NamedEngine, threads = 1): number {
  if (onTensorFlow(engine)) return 1;
  return Math.max(1, Math.floor(availableParallelism() / threads));
}

function describeTrial(
  { number, state, value, error, reports, values, startedMs, endedMs = startedMs }: TrialRecord,
  leader: TrialRecord | undefined,
  metric: string,
): string {
  // The clock may have been set back meanwhile.
  const seconds = `${Math.max(0, (endedMs - startedMs) / 1000).toFixed(1)} s`;
  const outcome = {
    running: 'running',
    complete: `${metric} ${value?.toFixed(4)}`,
    pruned: `pruned after epoch ${reports.at(-1)?.step ?? 0} at ${reports.at(-1)?.value.toFixed(4)}`,
    failed: `failed: ${printable(error ?? '')}`,
  }[state];
  const top = leader ? `best ${leader.value?.toFixed(4)} (trial ${leader.number})` : 'no best yet';
  return `trial ${number}  ${outcome}  ${seconds}  ${top}  ${printable(JSON.stringify(values))}`;
}

function tell(
  { trials, complete, best }: Tuned,
  args: Pick<TuneArguments, 'output' | 'metric'>,
  terminal: Terminal,
): void {
  const count = (state: TrialRecord['state']) => trials.filter((trial) => trial.state === state).length;
  const counts = `${count('complete')} complete, ${count('pruned')} pruned, ${count('failed')} failed`;
  const found = best
    ? `Best ${args.metric} ${best.trial.value?.toFixed(4)} in trial ${best.trial.number}, epoch ${best.epoch}: ${args.output}/best.json`
    : 'No trial was completed';
  const rest = complete ? '' : 'Stopped before the last trial: the same command goes on\n';
  terminal.stderr.write(`${counts}\n${found}\n${rest}`);
}

function jsonAnswer(
  { trials, complete, best }: Tuned,
  { output }: Pick<TuneArguments, 'output'>,
): Record<string, unknown> {
  return {
    complete,
    trials: trials.length,
    ...(best
      ? {
          best: {
            trial: best.trial.number,
            value: best.trial.value,
            epoch: best.epoch,
            values: best.trial.values,
          },
          config: `${output}/best.json`,
        }
      : {}),
  };
}
