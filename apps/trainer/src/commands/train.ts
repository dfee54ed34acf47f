import { resolve } from 'node:path';
import { checkContinued, type Gru4Rec, loadModel, type ModelConfig, parseConfig } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { readDataset } from '@gru4rec/sessions';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { checkOutputFolder } from '../check-output-folder.ts';
import { createEngine, type EngineName } from '../engines.ts';
import { engineOption, integer, once, requiredText, threadsOption } from '../options.ts';
import {
  type OriginalArguments,
  readOriginalParameters,
  withOriginalOptions,
} from '../original-parameters.ts';
import { readConfig } from '../read-config.ts';
import { parseSettings } from '../settings.ts';
import { StepProfiler } from '../step-profiler.ts';
import type { Terminal } from '../terminal.ts';
import { trainModel } from '../train-model.ts';
import { UsageError } from '../usage-error.ts';

interface TrainArguments extends OriginalArguments {
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
}

/** `trainer train`: a prepared dataset becomes a model. */
export function trainCommand(terminal: Terminal): CommandModule<object, TrainArguments> {
  return {
    command: 'train',
    describe: 'Train a model on a prepared dataset',
    builder: describeOptions,
    handler: (args) => runTrain(args, terminal),
  };
}

function describeOptions(yargs: Argv): Argv<TrainArguments> {
  return withOriginalOptions(yargs)
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
    .example('$0 train --data data --config configs/demo.json --output model', '')
    .example('$0 train --data data --output model --set layers=100,50 loss=bpr-max', '')
    .example('$0 train --data data --output model --parameter-string loss=bpr-max,layers=224', '')
    .example('$0 train --data new-data --continue model --output model-2 --epochs 3', '')
    .example('$0 train --data data --config mine.json --output model --seed 2 --epochs 3', '');
}

async function runTrain(args: ArgumentsCamelCase<TrainArguments>, terminal: Terminal): Promise<void> {
  const { directory, stderr } = terminal;
  const { engine, profile } = engineOf(args);
  const from =
    args.continue === undefined ? undefined : await loadModel(resolve(directory, args.continue), { engine });
  const config = await configOf(args, terminal, from);
  const output = resolve(directory, args.output);
  await checkOutputFolder(output, args.overwrite);
  const dataset = await readDataset(resolve(directory, args.data));
  const model = await trainModel(dataset, config, { engine, stderr, ...(from ? { from } : {}) });
  await model.save(output, { dataset: { checksum: dataset.manifest.checksum, directory: args.data } });
  if (profile) stderr.write(`${profile.report()}\n`);
  stderr.write(`The model is in ${args.output}\n`);
}

/** The engine of a command line, and what watches it with --profile. */
function engineOf({ engine, threads, profile }: ArgumentsCamelCase<TrainArguments>): {
  readonly engine: Engine;
  readonly profile?: StepProfiler;
} {
  if (!profile) return { engine: createEngine(engine, { threads }) };
  if (engine !== 'wasm') throw new UsageError(`--profile expected engine wasm, got ${engine}`);
  const profiler = new StepProfiler(threads === undefined ? {} : { threads });
  return { engine: profiler.engine, profile: profiler };
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
