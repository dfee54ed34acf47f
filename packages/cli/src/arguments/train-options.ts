import { UsageError } from '@gru4rec/checked-options';
import type { EngineName, KernelChoice } from '@gru4rec/engines';
import type { Argv, Options } from 'yargs';
import { type OriginalArguments, withOriginalOptions } from '../training/original-parameters.ts';
import { type CheckpointArguments, withCheckpointOptions } from './checkpoint-options.ts';
import {
  ADVANCED,
  engineOption,
  flag,
  folderArgument,
  integerOr,
  kernelsOption,
  optionalInteger,
  optionalText,
  requiredText,
  threadsOption,
  underAdvanced,
} from './options.ts';
import { parseSettings } from './settings.ts';
import { duration, once } from './values.ts';

/** The arguments of `train`. */
export interface TrainArguments extends OriginalArguments, CheckpointArguments {
  data: string;
  budget: number | undefined;
  config: string | undefined;
  continue: string | undefined;
  'new-only': boolean | undefined;
  'forget-items': number | undefined;
  output: string;
  engine: EngineName;
  kernels: KernelChoice;
  threads: number | undefined;
  profile: boolean;
  seed: number | undefined;
  epochs: number | undefined;
  set: Record<string, unknown> | undefined;
  overwrite: boolean;
  'keep-diverged': boolean;
  stream: boolean | undefined;
  'validate-every': number;
  'validate-sample': number;
  log: string | undefined;
}

const common: Record<string, Options> = {
  output: requiredText('output', 'Folder for the model'),
  config: {
    ...optionalText('config', 'Preset best (if not given) or fast, or JSON file of hyper-parameters'),
    conflicts: ['parameter-string', 'parameter-file'],
  },
  set: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'key=value …: hyper-parameters instead of the configuration’s',
    coerce: (texts: string[] | undefined) => texts && parseSettings(texts),
  },
  epochs: optionalInteger('epochs', 1, 'Number of epochs, instead of the configuration’s'),
  seed: optionalInteger('seed', 0, 'Seed of all randomness, instead of the configuration’s'),
  budget: {
    type: 'string',
    requiresArg: true,
    describe: 'Screen configurations for 30s, 10m or 1h, then train the best',
    conflicts: ['config', 'continue', 'parameter-string', 'parameter-file'],
    coerce: budgetSeconds,
  },
  continue: {
    ...optionalText('continue', 'Continue training this model, with its configuration; adds new items'),
    conflicts: ['config', 'parameter-string', 'parameter-file'],
  },
  'new-only': {
    type: 'boolean',
    describe: 'With --continue, learn only later clicks, each once',
    conflicts: ['epochs', 'set', 'checkpoint-every', 'log', 'stream', 'forget-items'],
  },
  'forget-items': {
    ...optionalText('forget-items', 'Drop items without a click in this time, such as 30d'),
    coerce: duration('forget-items', '30d, 12h or 90m'),
  },
  overwrite: flag('Replace a model in the output folder'),
  log: optionalText('log', 'File of JSON Lines: progress once per second, and each epoch'),
};

const advanced: Record<string, Options> = {
  engine: engineOption,
  kernels: kernelsOption,
  threads: threadsOption,
  stream: {
    type: 'boolean',
    describe:
      'Read sessions from disk while training, or all into memory (--no-stream); the model is the same. If not given, stream sessions that would take more than a quarter of the free memory',
  },
  'validate-every': integerOr(
    1,
    'validate-every',
    0,
    'Epochs between two reports of recall and MRR on the validation split, if there is one; 0 for none',
  ),
  'validate-sample': integerOr(
    1000,
    'validate-sample',
    1,
    'Validation sessions to report on, always the same',
  ),
  profile: flag('Show how long each part of a step takes (engine wasm)'),
  'keep-diverged': flag('Also save a model that diverged'),
};

const examples = [
  'data --output model',
  'data --config fast --output model --set layers=100,50',
  'data --output model --parameter-string loss=bpr-max,layers=224',
  'new-data --continue model --output model-2 --epochs 3',
  'data --output model --budget 10m --seed 2',
  'data --config mine.json --output model --log training.jsonl --validate-every 2',
  'data --config mine.json --output model --checkpoint-every 10m --resume',
];

/** Adds the options of `train`: first the common ones, then those that few users need, under a heading. */
export function withTrainOptions(yargs: Argv): Argv<TrainArguments> {
  const described = yargs
    .usage(
      '$0 train DATA --output MODEL [--config best|fast|FILE.json] [options]\n$0 train DATA --continue MODEL --output MODEL [options]\n\nTrains a model on a prepared dataset; a line per epoch.',
    )
    .positional('data', folderArgument('data', 'Folder of the dataset, which prepare wrote'))
    .options(common);
  const resumable = withCheckpointOptions(described).options(underAdvanced(advanced));
  return withOriginalOptions(resumable, ADVANCED).example(
    examples.map((example) => [`$0 train ${example}`, '']),
  ) as unknown as Argv<TrainArguments>;
}

/** Parses `30s`, `10m` and `1h`. @returns seconds. */
function budgetSeconds(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const text = once('budget')(value);
  const [, digits, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  const seconds = Number(digits) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
  if (seconds > 0 && seconds <= MOST_SECONDS) return seconds;
  throw new UsageError(
    `--budget expected seconds (30s), minutes (10m) or hours (1h), up to 500h, got ${JSON.stringify(text)}`,
  );
}

/** Timers of Node have 31 bits of milliseconds. */
const MOST_SECONDS = 500 * 3600;
