import { resolve } from 'node:path';
import {
  checkContinued,
  type Gru4Rec,
  type ModelConfig,
  parseConfig,
  type TrainingSnapshot,
  TrainingStopped,
} from '@gru4rec/model';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { checkOutputFolder } from '../arguments/check-output-folder.ts';
import { type CheckpointArguments, withCheckpointOptions } from '../arguments/checkpoint-options.ts';
import { expectFolder } from '../arguments/folder-kind.ts';
import { engineOption, integer, once, requiredText, threadsOption } from '../arguments/options.ts';
import { lockOutput } from '../arguments/output-lock.ts';
import { readConfig } from '../arguments/read-config.ts';
import { loadModel, readManifest } from '../arguments/read-inputs.ts';
import { parseSettings } from '../arguments/settings.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { type ChosenEngine, chooseEngine, type EngineName } from '../engines/engines.ts';
import { commandLine } from '../terminal/command-line.ts';
import { interruptOnSignal, leaveBy, type StopSignal } from '../terminal/leave-on-signal.ts';
import { groupDigits } from '../terminal/progress.ts';
import { programName } from '../terminal/surroundings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { Checkpoints } from '../training/checkpoints.ts';
import {
  checkCode,
  type OriginalArguments,
  readOriginalParameters,
  withOriginalOptions,
} from '../training/original-parameters.ts';
import { StepProfiler } from '../training/step-profiler.ts';
import { trainModel } from '../training/train-model.ts';
import { openTrainingSource, type TrainingSource } from '../training/training-source.ts';
import type { Command } from './command.ts';

interface TrainArguments extends OriginalArguments, CheckpointArguments {
  data: string;
  config: string | undefined;
  continue: string | undefined;
  output: string;
  engine: EngineName;
  threads: number | undefined;
  profile: boolean;
  seed: number | undefined;
  epochs: number | undefined;
  set: Record<string, unknown> | undefined;
  overwrite: boolean;
  stream: boolean | undefined;
}

/** `trainer train`: a prepared dataset becomes a model. */
export function trainCommand(terminal: Terminal): Command<TrainArguments> {
  return {
    builder: describeOptions,
    handler: (args) => runTrain(args, terminal),
  };
}

function describeOptions(yargs: Argv): Argv<TrainArguments> {
  return withCheckpointOptions(withOriginalOptions(yargs))
    .usage(
      '$0 train --data DATA --config FILE.json --output MODEL [options]\n$0 train --data DATA --continue MODEL --output MODEL [options]\n\nTrains a model on a prepared dataset; a line per epoch.',
    )
    .option('data', requiredText('data', 'Folder that prepare wrote'))
    .option('config', {
      type: 'string',
      requiresArg: true,
      conflicts: ['parameter-string', 'parameter-file'],
      describe: 'JSON file of hyper-parameters; what it leaves out takes its default',
      coerce: once('config'),
    })
    .option('continue', {
      type: 'string',
      requiresArg: true,
      conflicts: ['config', 'parameter-string', 'parameter-file'],
      describe: 'Go on training this model, with its configuration; items it does not know are added to it',
      coerce: once('continue'),
    })
    .option('output', requiredText('output', 'Folder for the model'))
    .option('engine', engineOption)
    .option('threads', threadsOption)
    .option('profile', {
      type: 'boolean',
      default: false,
      describe: 'Tell at the end where the time of a step goes (engine wasm)',
    })
    .option('seed', {
      type: 'string',
      requiresArg: true,
      describe: 'Seed of all chance, instead of the configuration’s',
      coerce: integer('seed', 0),
    })
    .option('epochs', {
      type: 'string',
      requiresArg: true,
      describe: 'Number of epochs, instead of the configuration’s',
      coerce: integer('epochs', 1),
    })
    .option('set', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'key=value …: hyper-parameters instead of the configuration’s',
      coerce: (texts: string[] | undefined) => texts && parseSettings(texts),
    })
    .option('overwrite', {
      type: 'boolean',
      default: false,
      describe: 'Replace a model that is in the output folder',
    })
    .option('stream', {
      type: 'boolean',
      describe:
        'Read sessions from disk while training (--no-stream: into memory), for the same model; by itself where they would take more than a quarter of the free memory',
    })
    .example('$0 train --data data --config configs/demo.json --output model', '')
    .example('$0 train --data data --output model --set layers=100,50 loss=bpr-max', '')
    .example('$0 train --data data --output model --parameter-string loss=bpr-max,layers=224', '')
    .example('$0 train --data new-data --continue model --output model-2 --epochs 3', '')
    .example('$0 train --data data --config mine.json --output model --seed 2 --epochs 3', '')
    .example('$0 train --data data --config mine.json --output model --stream', '')
    .example('$0 train --data data --config mine.json --output model --checkpoint-every 10m', '')
    .example('$0 train --data data --config mine.json --output model --checkpoint-every 10m --resume', '')
    .example(
      '$0 train --data data --config mine.json --output model --resume --any-engine --engine wasm',
      '',
    );
}

/** A run with all that its command line names. */
interface Run extends Pick<ChosenEngine, 'engine' | 'facts'> {
  readonly args: ArgumentsCamelCase<TrainArguments>;
  readonly terminal: Terminal;
  /** The model to go on from. */
  readonly from: Gru4Rec | undefined;
  readonly config: ModelConfig;
  readonly checkpoints: Checkpoints;
  readonly output: string;
  /** Folder of the dataset. */
  readonly data: string;
}

async function runTrain(args: ArgumentsCamelCase<TrainArguments>, terminal: Terminal): Promise<void> {
  if (args.anyEngine && !args.resume) throw new UsageError('--any-engine expected --resume beside it');
  checkCode(args);
  const { directory, stderr } = terminal;
  const { engine, facts, profile } = await engineOf(args);
  await expectFolder('--data', resolve(directory, args.data), 'a dataset');
  if (args.continue !== undefined)
    await expectFolder('--continue', resolve(directory, args.continue), 'a model');
  const from =
    args.continue === undefined ? undefined : await loadModel(resolve(directory, args.continue), { engine });
  const config = await configOf(args, terminal, from);
  const output = resolve(directory, args.output);
  const checkpoints = new Checkpoints(output, args.checkpoints, stderr);
  const data = resolve(directory, args.data);
  const unlock = lockOutput(output, 'train', stderr);
  let stoppedBy: StopSignal | undefined;
  try {
    const run = { args, terminal, engine, facts, from, config, checkpoints, output, data };
    if (await hasEnded(run)) {
      stderr.write(`This run has ended: the model is in ${args.output}\n`);
      return;
    }
    stoppedBy = await trainUntilSignal(run);
  } finally {
    unlock();
  }
  if (stoppedBy) leaveBy(stoppedBy);
  if (profile) stderr.write(`${profile.report()}\n`);
  stderr.write(`The model is in ${args.output}\n`);
}

/** Whether there is nothing to resume, as the run was killed when its model was saved. */
async function hasEnded({ args, config, checkpoints, from, data }: Run): Promise<boolean> {
  if (!args.resume || args.overwrite) return false;
  const { checksum: dataset } = await readManifest(data);
  return checkpoints.finish({ config, dataset, epochsBefore: from?.history.at(-1)?.epoch ?? 0 });
}

/** Trains and saves the model, or a checkpoint. @returns the signal that stopped it, if one did. */
async function trainUntilSignal(run: Run): Promise<StopSignal | undefined> {
  const { args, config, checkpoints, output } = run;
  await checkOutputFolder(output, args.overwrite);
  if (!args.resume) await checkpoints.refuse(args.overwrite);
  const source = await openTrainingSource(run.data, { stream: args.stream, config });
  try {
    return await trainOn(source, run);
  } finally {
    await source.close();
  }
}

async function trainOn({ data, manifest }: TrainingSource, run: Run): Promise<StopSignal | undefined> {
  const { args, terminal, engine, facts, from, config, checkpoints, output } = run;
  const { stderr } = terminal;
  const resume = args.resume ? await checkpoints.newest() : undefined;
  if (args.resume) stderr.write(`${describeResumed(resume, args.output)}\n`);
  else await checkpoints.remove();
  const { signal, undo } = interruptOnSignal();
  try {
    const model = await trainModel(data, config, {
      engine,
      stderr,
      signal,
      checkpoint: { every: args['checkpoint-every'] ?? {}, save: (snapshot) => checkpoints.save(snapshot) },
      engineFacts: facts,
      ...(from ? { from } : {}),
      ...(resume ? { resume, anyEngine: args.anyEngine } : {}),
    });
    await model.save(output, { dataset: { checksum: manifest.checksum, directory: args.data } });
    await checkpoints.remove();
    return undefined;
  } catch (error) {
    if (!(error instanceof TrainingStopped)) throw error;
    stderr.write(`${describeStopped(error, args.output)}\n`);
    return signal.reason as StopSignal;
  } finally {
    undo();
  }
}

function describeResumed(snapshot: TrainingSnapshot | undefined, output: string): string {
  if (!snapshot) return `${output}.checkpoints holds no whole checkpoint: training starts at the beginning`;
  const { epoch, steps } = snapshot.epoch;
  return `Going on from the checkpoint of epoch ${epoch}, step ${groupDigits(steps)}`;
}

function describeStopped({ epoch, step, cause }: TrainingStopped, output: string): string {
  const argv = process.argv.slice(2);
  const again = commandLine(argv.includes('--resume') ? argv : [...argv, '--resume'], programName());
  return (
    `Stopped by ${cause} in epoch ${epoch}, after step ${groupDigits(step)}; the checkpoint is in ` +
    `${output}.checkpoints. To go on: ${again}`
  );
}

/** The engine of a command line, and what watches it with --profile. */
async function engineOf({
  engine: name,
  threads,
  profile,
}: ArgumentsCamelCase<TrainArguments>): Promise<
  Omit<ChosenEngine, 'name'> & { readonly profile?: StepProfiler }
> {
  if (!profile) return chooseEngine(name, { threads });
  if (name !== 'wasm' && name !== 'auto') throw new UsageError(`--profile expected engine wasm, got ${name}`);
  const profiler = new StepProfiler(threads === undefined ? {} : { threads });
  const { facts } = await chooseEngine('wasm', { threads });
  return { engine: profiler.engine, facts, profile: profiler };
}

/** The configuration of a file, of the authors' parameters or of the model to go on from, and what --set says. */
async function configOf(
  args: ArgumentsCamelCase<TrainArguments>,
  terminal: Terminal,
  from?: Gru4Rec,
): Promise<ModelConfig> {
  const settings = {
    ...args.set,
    ...(args.epochs === undefined ? {} : { nEpochs: args.epochs }),
    ...(args.seed === undefined ? {} : { seed: args.seed }),
  };
  if (from) {
    const config = parseConfig({ ...from.config, ...settings });
    checkContinued(from.config, config);
    return config;
  }
  const original = await readOriginalParameters(args, terminal);
  if (original) return parseConfig({ ...original, ...settings });
  return readConfig(
    args.config === undefined ? undefined : resolve(terminal.directory, args.config),
    settings,
  );
}
