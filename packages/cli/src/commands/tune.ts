import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { metricNames } from '@gru4rec/metrics';
import { describeDatabase, type TrialRecord } from '@gru4rec/tuning';
import { expectFolder } from '../arguments/folders.ts';
import {
  ADVANCED,
  type ArgumentsOf,
  argument,
  type Command,
  engineOptions,
  integer,
  oneOf,
  or,
  required,
  text,
  threadsOption,
  under,
} from '../arguments/options.ts';
import { checkEngine, chooseEngineName, type NamedEngine } from '../engines/choose-engine.ts';
import { describeError } from '../terminal/describe-error.ts';
import { interruptOnSignal, leaveBy, type StopSignal } from '../terminal/leave-on-signal.ts';
import { printable } from '../terminal/printable.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type Tuned, type TuneSettings, tuneOn } from '../tuning/tune-on.ts';

const options = {
  data: argument(
    'DATA',
    required(text('Folder of the dataset, which prepare wrote with a validation split')),
  ),
  trials: or(50, integer(1, 'Trials in all, including those of earlier runs and other processes')),
  parallel: integer(
    1,
    'Trials at a time, each in its own process; as many as the cores have threads for if not given',
  ),
  seed: or(42, integer(0, 'Seed of the search and of every training')),
  metric: or('mrr', oneOf(metricNames, 'What to maximise, at 20 items')),
  space: required(
    text(
      'JSON file: hyper-parameter → {"type": "uniform" | "log-uniform" | "integer", "low", "high"}, {"type": "choice", "options"} or a value',
    ),
  ),
  output: required(text('Folder of the study, study.jsonl, and of best.json')),
  storage: text(
    'PostgreSQL database that stores the study instead, under the name of the output folder, for processes on several machines: postgres://user@host/database, its password in PGPASSWORD or ~/.pgpass',
  ),
  ...under(ADVANCED, {
    ...engineOptions,
    threads: threadsOption('Threads of the engine in a trial; 1 if not given'),
  }),
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 tune DATA --space SPACE.json --output STUDY [options]\n\nSearches hyper-parameters on the validation split; the test split is never read. The same command continues a study that was stopped. train DATA --config STUDY/best.json trains with what it found.',
  options,
  examples: [
    'data --space configs/spaces/cross-entropy.json --output study --trials 60',
    [
      'data --space space.json --output study --storage postgres://ann@db/studies',
      'The same on each machine',
    ],
  ],
  run: runTune,
};

async function runTune(args: Arguments, terminal: Terminal): Promise<void> {
  const { stderr } = terminal;
  const settings = await settingsOf(args, terminal);
  const { signal, undo } = interruptOnSignal();
  try {
    const tuned = await tuneOn(settings, {
      signal,
      onTrial: (trial, leader) => stderr.write(`${describeTrial(trial, leader, args.metric)}\n`),
      onWait: (numbers) =>
        stderr.write(`Nothing left to start; other processes still run trials: ${numbers.join(', ')}\n`),
      onLost: (reason) =>
        stderr.write(`The database cannot be reached: ${reason}. Trying again for five minutes\n`),
    });
    stderr.write(describeTuned(tuned, args));
  } catch (error) {
    if (!signal.aborted) throw error;
    stderr.write(`${describeError(error)}\n`);
  } finally {
    undo();
  }
  if (signal.aborted) leaveBy(signal.reason as StopSignal);
}

async function settingsOf(args: Arguments, { directory }: Terminal): Promise<TuneSettings> {
  const { threads, storage, trials, seed, metric } = args;
  if (storage !== undefined) describeDatabase(storage);
  const [data, space, output] = [args.data, args.space, args.output].map((path) =>
    resolve(directory, path),
  ) as [string, string, string];
  await expectFolder('DATA', data, 'a dataset');
  const engine = chooseEngineName(args.engine, { threads });
  checkEngine(args.engine);
  return {
    data,
    space,
    output,
    database: storage === undefined ? undefined : { url: storage, study: basename(output) },
    parallel: args.parallel ?? trialsAtATime(engine, threads),
    threads: onTensorFlow(engine) ? undefined : (threads ?? 1),
    trials,
    seed,
    metric,
    engine,
    choice: args.engine === 'auto' ? engine : args.engine,
  };
}

function onTensorFlow(engine: NamedEngine): boolean {
  return engine === 'tensorflow' || engine === 'cuda';
}

/** One trial on TensorFlow uses all cores, or the whole GPU. */
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

function describeTuned(
  { trials, complete, best }: Tuned,
  { output, metric }: Pick<Arguments, 'output' | 'metric'>,
): string {
  const count = (state: TrialRecord['state']) => trials.filter((trial) => trial.state === state).length;
  const counts = `${count('complete')} complete, ${count('pruned')} pruned, ${count('failed')} failed`;
  const summary = best
    ? `Best ${metric} ${best.trial.value?.toFixed(4)} in trial ${best.trial.number}, epoch ${best.epoch}: ${output}/best.json`
    : 'No trial was completed';
  const rest = complete ? '' : 'Stopped before the last trial: the same command continues\n';
  return `${counts}\n${summary}\n${rest}`;
}
