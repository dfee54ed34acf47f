import { resolve } from 'node:path';
import {
  checkContinued,
  type Gru4Rec,
  type ModelConfig,
  parseConfig,
  type TrainingSnapshot,
  TrainingStopped,
} from '@gru4rec/model';
import type { ArgumentsCamelCase } from 'yargs';
import { checkOutputFolder } from '../arguments/check-output-folder.ts';
import { expectFolder } from '../arguments/folder-kind.ts';
import { lockOutput } from '../arguments/output-lock.ts';
import { readConfig } from '../arguments/read-config.ts';
import { loadModel, readManifest } from '../arguments/read-inputs.ts';
import { type TrainArguments, withTrainOptions } from '../arguments/train-options.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { type ChosenEngine, chooseEngine } from '../engines/engines.ts';
import { commandLine } from '../terminal/command-line.ts';
import { interruptOnSignal, leaveBy, type StopSignal } from '../terminal/leave-on-signal.ts';
import { groupDigits } from '../terminal/progress.ts';
import { programName } from '../terminal/surroundings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { Checkpoints } from '../training/checkpoints.ts';
import { checkCode, readOriginalParameters } from '../training/original-parameters.ts';
import { StepProfiler } from '../training/step-profiler.ts';
import { trainModel } from '../training/train-model.ts';
import { openTrainingSource, type TrainingSource } from '../training/training-source.ts';
import type { Command } from './command.ts';

type Arguments = ArgumentsCamelCase<TrainArguments>;

/** `trainer train`: trains a model on a prepared dataset. */
export function trainCommand(terminal: Terminal): Command<TrainArguments> {
  return {
    builder: withTrainOptions,
    handler: (args) => runTrain(args, terminal),
  };
}

/** A command line and what it names, with absolute paths. */
interface Request extends Pick<ChosenEngine, 'engine' | 'facts'> {
  readonly args: Arguments;
  readonly terminal: Terminal;
  /** The model to continue. */
  readonly from: Gru4Rec | undefined;
  readonly config: ModelConfig;
  readonly checkpoints: Checkpoints;
  /** Folder of the dataset. */
  readonly data: string;
  /** Folder of the model. */
  readonly output: string;
  /** With `--profile`. */
  readonly profile?: StepProfiler;
}

async function runTrain(args: Arguments, terminal: Terminal): Promise<void> {
  const { stderr } = terminal;
  const request = await readRequest(args, terminal);
  const { output, profile } = request;
  const unlock = lockOutput(output, 'train', stderr);
  let stoppedBy: StopSignal | undefined;
  try {
    if (await hasEnded(request)) {
      stderr.write(`This run has ended: the model is in ${args.output}\n`);
      return;
    }
    stoppedBy = await trainAndSave(request);
  } finally {
    unlock();
  }
  if (stoppedBy) leaveBy(stoppedBy);
  if (profile) stderr.write(`${profile.report()}\n`);
  stderr.write(`The model is in ${args.output}\n`);
}

async function readRequest(args: Arguments, terminal: Terminal): Promise<Request> {
  if (args.anyEngine && !args.resume) throw new UsageError('--any-engine expected --resume beside it');
  checkCode(args);
  const { directory, stderr } = terminal;
  const [data, output] = [resolve(directory, args.data), resolve(directory, args.output)];
  const { engine, facts, profile } = await engineOf(args);
  await expectFolder('--data', data, 'a dataset');
  let from: Gru4Rec | undefined;
  if (args.continue !== undefined) {
    const model = resolve(directory, args.continue);
    await expectFolder('--continue', model, 'a model');
    from = await loadModel(model, { engine });
  }
  const config = await configOf(args, terminal, from);
  const checkpoints = new Checkpoints(output, args.checkpoints, stderr);
  return {
    args,
    terminal,
    engine,
    facts,
    from,
    config,
    checkpoints,
    data,
    output,
    ...(profile && { profile }),
  };
}

/** Whether nothing is left to resume because the run was killed after its model was saved. */
async function hasEnded({ args, config, checkpoints, from, data }: Request): Promise<boolean> {
  if (!args.resume || args.overwrite) return false;
  const { checksum } = await readManifest(data);
  const epochsBefore = from?.history.at(-1)?.epoch ?? 0;
  return checkpoints.finish({ config, datasetChecksum: checksum, epochsBefore });
}

/** Trains and saves the model, or a checkpoint. @returns the signal that stopped it, if one did. */
async function trainAndSave(request: Request): Promise<StopSignal | undefined> {
  const { args, config, checkpoints, data, output } = request;
  await checkOutputFolder(output, args.overwrite);
  if (!args.resume) await checkpoints.refuse(args.overwrite);
  const source = await openTrainingSource(data, { stream: args.stream, config });
  try {
    return await trainOn(source, request);
  } finally {
    await source.close();
  }
}

async function trainOn(
  { dataset, manifest }: TrainingSource,
  request: Request,
): Promise<StopSignal | undefined> {
  const { args, terminal, engine, facts, from, config, checkpoints, output } = request;
  const { stderr } = terminal;
  const resume = args.resume ? await checkpoints.newest() : undefined;
  if (args.resume) stderr.write(`${describeResumed(resume, args.output)}\n`);
  else await checkpoints.remove();
  const { signal, undo } = interruptOnSignal();
  try {
    const model = await trainModel(dataset, config, {
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
  if (!snapshot) return `${output}.checkpoints has no intact checkpoint: training starts at the beginning`;
  const { epoch, steps } = snapshot.epoch;
  return `Resuming from the checkpoint of epoch ${epoch}, step ${groupDigits(steps)}`;
}

function describeStopped({ epoch, step, cause }: TrainingStopped, output: string): string {
  const argv = process.argv.slice(2);
  const again = commandLine(argv.includes('--resume') ? argv : [...argv, '--resume'], programName());
  return (
    `Stopped by ${cause} in epoch ${epoch}, after step ${groupDigits(step)}; the checkpoint is in ` +
    `${output}.checkpoints. To resume: ${again}`
  );
}

/** The engine, with `--profile` wrapped in a profiler. */
async function engineOf({
  engine: name,
  threads,
  profile,
}: Arguments): Promise<Omit<ChosenEngine, 'name'> & { readonly profile?: StepProfiler }> {
  if (!profile) return chooseEngine(name, { threads });
  if (name !== 'wasm' && name !== 'auto') throw new UsageError(`--profile expected engine wasm, got ${name}`);
  const profiler = new StepProfiler(threads === undefined ? {} : { threads });
  const { facts } = await chooseEngine('wasm', { threads });
  return { engine: profiler.engine, facts, profile: profiler };
}

/** The configuration of a file, of the authors' parameters or of the model to continue, changed by --set and others. */
async function configOf(args: Arguments, terminal: Terminal, from?: Gru4Rec): Promise<ModelConfig> {
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
  const file = args.config === undefined ? undefined : resolve(terminal.directory, args.config);
  return readConfig(file, settings);
}
