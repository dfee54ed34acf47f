import { UsageError } from '@gru4rec/checks';
import type { CheckpointOptions } from '@gru4rec/model';
import type { Argv, Options } from 'yargs';
import type { ArgumentsOf } from '../commands/command.ts';
import {
  engineOption,
  flag,
  folderArgument,
  optionalText,
  parsedText,
  parsedTexts,
  requiredText,
  threadsOption,
} from './options.ts';
import { parseSettings } from './settings.ts';
import { duration } from './values.ts';

const options = {
  output: requiredText('output', 'Folder for the model'),
  config: optionalText(
    'config',
    'Preset best (if not given) or fast, JSON file of hyper-parameters, or parameter file (.py) of the authors’ PyTorch program',
  ),
  set: parsedTexts('key=value …: hyper-parameters instead of the configuration’s', parseSettings),
  budget: {
    ...parsedText('budget', 'Screen configurations for 30s, 10m or 1h, then train the best', budgetSeconds),
    conflicts: ['config', 'continue'],
  },
  continue: {
    ...optionalText('continue', 'Continue training this model, with its configuration; adds new items'),
    conflicts: 'config',
  },
  'new-only': {
    type: 'boolean',
    describe: 'With --continue, learn only later clicks, each once',
    conflicts: ['set', 'checkpoint-every', 'log', 'forget-items'],
  },
  'forget-items': parsedText(
    'forget-items',
    'Drop items without a click in this time, such as 30d',
    duration('forget-items', '30d, 12h or 90m'),
  ),
  overwrite: flag('Replace a model in the output folder'),
  'checkpoint-every': parsedText(
    'checkpoint-every',
    'Steps (500), minutes (10m) or hours (1h) between checkpoints',
    checkpointEvery,
  ),
  resume: flag('Resume the interrupted run from its newest checkpoint'),
  log: optionalText('log', 'File of JSON Lines: progress once per second, and each epoch'),
  engine: engineOption,
  threads: threadsOption,
} satisfies Record<string, Options>;

const examples = [
  'data --output model',
  'data --config fast --output model --set layers=100,50',
  'data --config rsc15.py --output model',
  'new-data --continue model --output model-2 --set nEpochs=3',
  'data --output model --budget 10m --set seed=2',
  'data --config mine.json --output model --log training.jsonl',
  'data --config mine.json --output model --checkpoint-every 10m --resume',
];

export function withTrainOptions(yargs: Argv) {
  return yargs
    .usage(
      '$0 train DATA --output MODEL [--config best|fast|FILE.json] [options]\n$0 train DATA --continue MODEL --output MODEL [options]\n\nTrains a model on a prepared dataset; a line per epoch.',
    )
    .positional('data', folderArgument('data', 'Folder of the dataset, which prepare wrote'))
    .options(options)
    .example(examples.map((example) => [`$0 train ${example}`, '']));
}

export type TrainArguments = ArgumentsOf<typeof withTrainOptions>;

/** Parses `30s`, `10m` and `1h`. @returns seconds. */
function budgetSeconds(text: string): number {
  const [, digits, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  const seconds = Number(digits) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
  if (seconds > 0 && seconds <= MOST_SECONDS) return seconds;
  throw new UsageError(
    `--budget expected seconds (30s), minutes (10m) or hours (1h), up to 500h, got ${JSON.stringify(text)}`,
  );
}

/** Timers of Node have 31 bits of milliseconds. */
const MOST_SECONDS = 500 * 3600;

/** Parses the interval between checkpoints: `500` (steps), `10m` (minutes) or `1h` (hours). */
export function checkpointEvery(text: string): NonNullable<CheckpointOptions['every']> {
  const [, digits, unit] = /^(\d+)(m|h)?$/.exec(text) ?? [];
  const count = Number(digits);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new UsageError(
      `--checkpoint-every expected steps (500), minutes (10m) or hours (1h), got ${JSON.stringify(text)}`,
    );
  }
  if (unit === undefined) return { steps: count };
  return { minutes: unit === 'h' ? 60 * count : count };
}
