import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { UsageError } from '@gru4rec/checked-options';
import { checkEngine, type NamedEngine } from '@gru4rec/engines';
import type { TrialRecord } from '@gru4rec/tuning';
import type { ArgumentsCamelCase } from 'yargs';
import { chooseEngineName, runtimePlaces } from '../arguments/engines.ts';
import { expectFolder } from '../arguments/folder-kind.ts';
import { configPath } from '../arguments/read-config.ts';
import { type TuneArguments, withTuneOptions } from '../arguments/tune-options.ts';
import { describeError } from '../terminal/describe-error.ts';
import { interruptOnSignal, leaveBy, type StopSignal } from '../terminal/leave-on-signal.ts';
import { printable } from '../terminal/printable.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type Tuned, type TuneSettings, tuneOn } from '../tuning/tune-on.ts';
import type { Command } from './command.ts';

/** `gru4rec tune`: searches hyper-parameters on the validation split. */
export const tuneCommand: Command<TuneArguments> = { builder: withTuneOptions, handler: runTune };

async function runTune(args: ArgumentsCamelCase<TuneArguments>, terminal: Terminal): Promise<void> {
  if (args.study !== undefined && args.storage === undefined)
    throw new UsageError('--study names a study in a database and expected --storage with it, got none');
  const { stdout, stderr } = terminal;
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
    if (args.json) stdout.writeJson(jsonAnswer(tuned, args));
  } catch (error) {
    // A signal ends the attempts to connect again.
    if (!signal.aborted) throw error;
    stderr.write(`${describeError(error)}\n`);
  } finally {
    undo();
  }
  if (signal.aborted) leaveBy(signal.reason as StopSignal);
}

async function settingsOf(
  args: ArgumentsCamelCase<TuneArguments>,
  { directory }: Terminal,
): Promise<TuneSettings> {
  const { threads, kernels, storage, trials, seed, sampler, pruner, metric } = args;
  const [data, space, output] = [args.data, args.space, args.output].map((path) =>
    resolve(directory, path),
  ) as [string, string, string];
  await expectFolder('DATA', data, 'a dataset');
  const engine = chooseEngineName(args.engine, { threads, kernels });
  await checkEngine(args.engine, { places: runtimePlaces() });
  return {
    data,
    space,
    config: args.config === undefined ? undefined : configPath(directory, args.config),
    output,
    database: storage === undefined ? undefined : { url: storage, study: args.study ?? basename(output) },
    parallel: args.parallel ?? trialsAtATime(engine, threads),
    threads: onTensorFlow(engine) ? undefined : (threads ?? 1),
    ...{ trials, seed, sampler, pruner, metric, engine, kernels },
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
  { output, metric }: Pick<TuneArguments, 'output' | 'metric'>,
): string {
  const count = (state: TrialRecord['state']) => trials.filter((trial) => trial.state === state).length;
  const counts = `${count('complete')} complete, ${count('pruned')} pruned, ${count('failed')} failed`;
  const found = best
    ? `Best ${metric} ${best.trial.value?.toFixed(4)} in trial ${best.trial.number}, epoch ${best.epoch}: ${output}/best.json`
    : 'No trial was completed';
  const rest = complete ? '' : 'Stopped before the last trial: the same command continues\n';
  return `${counts}\n${found}\n${rest}`;
}

function jsonAnswer(
  { trials, complete, best }: Tuned,
  { output }: Pick<TuneArguments, 'output'>,
): Record<string, unknown> {
  const { trial, epoch } = best ?? {};
  return {
    complete,
    trials: trials.length,
    ...(trial && {
      best: { trial: trial.number, value: trial.value, epoch, values: trial.values },
      config: `${output}/best.json`,
    }),
  };
}
