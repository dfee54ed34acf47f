import { UsageError } from '@gru4rec/checks';
import type { CheckpointOptions } from '@gru4rec/model';
import {
  type ArgumentsOf,
  dataArgument,
  engineOptions,
  flag,
  modelPath,
  parsed,
  parsedTexts,
  required,
  text,
} from './options.ts';
import { parseSettings } from './settings.ts';

export const trainOptions = {
  data: dataArgument,
  output: required(text('Folder for the model')),
  config: text(
    'Preset best (if not given) or fast, JSON file of hyper-parameters, or parameter file (.py) of the authors’ PyTorch program',
  ),
  set: parsedTexts('key=value …: hyper-parameters instead of the configuration’s', parseSettings),
  budget: {
    ...parsed('Screen configurations for 30s, 10m or 1h, then train the best', budgetSeconds),
    conflicts: ['config', 'continue'],
  },
  continue: {
    ...modelPath('Continue training this model, with its configuration; adds new items'),
    conflicts: 'config',
  },
  'new-only': {
    ...flag('With --continue, learn only later clicks, each once'),
    conflicts: ['set', 'checkpoint-every', 'log'],
  },
  overwrite: flag('Replace a model in the output folder'),
  'checkpoint-every': parsed('Steps (500), minutes (10m) or hours (1h) between checkpoints', checkpointEvery),
  resume: flag('Resume the interrupted run from its newest checkpoint'),
  log: text('File of JSON Lines: progress once per second, and each epoch'),
  ...engineOptions,
};

export type TrainArguments = ArgumentsOf<typeof trainOptions>;

function budgetSeconds(text: string, label: string): number {
  const [, digits, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  const seconds = Number(digits) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
  if (seconds > 0 && seconds <= MOST_SECONDS) return seconds;
  throw new UsageError(
    `${label} expected seconds (30s), minutes (10m) or hours (1h), up to 500h, got ${JSON.stringify(text)}`,
  );
}

/** Timers of Node have 31 bits of milliseconds. */
const MOST_SECONDS = 500 * 3600;

/** `500` (steps), `10m` (minutes) or `1h` (hours). */
export function checkpointEvery(text: string, label: string): NonNullable<CheckpointOptions['every']> {
  const [, digits, unit] = /^(\d+)(m|h)?$/.exec(text) ?? [];
  const count = Number(digits);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new UsageError(
      `${label} expected steps (500), minutes (10m) or hours (1h), got ${JSON.stringify(text)}`,
    );
  }
  if (unit === undefined) return { steps: count };
  return { minutes: unit === 'h' ? 60 * count : count };
}
