import { UsageError } from '@gru4rec/checked-options';
import type { CheckpointOptions } from '@gru4rec/model';
import type { Argv } from 'yargs';
import { ADVANCED, flag, integerOr } from './options.ts';
import { once } from './values.ts';

/** The arguments about checkpoints. */
export interface CheckpointArguments {
  'checkpoint-every': CheckpointOptions['every'] | undefined;
  checkpoints: number;
  resume: boolean;
  'any-engine': boolean;
}

/** Adds the options of a training run that can be interrupted. */
export function withCheckpointOptions<T>(yargs: Argv<T>): Argv<T & CheckpointArguments> {
  return yargs
    .option('checkpoint-every', {
      type: 'string',
      requiresArg: true,
      describe: 'Steps (500), minutes (10m) or hours (1h) between checkpoints',
      coerce: checkpointEvery,
    })
    .option('resume', flag('Resume the interrupted run from its newest checkpoint'))
    .option('checkpoints', {
      ...integerOr(
        2,
        'checkpoints',
        1,
        'Number of newest checkpoints to keep, in addition to the best by validation',
      ),
      group: ADVANCED,
    })
    .option('any-engine', {
      ...flag(
        'Also resume on another engine or number of threads; the model then differs as by another seed',
      ),
      group: ADVANCED,
    }) as Argv<T & CheckpointArguments>;
}

/** Parses the interval between checkpoints: `500` (steps), `10m` (minutes) or `1h` (hours). */
export function checkpointEvery(value: unknown): CheckpointOptions['every'] | undefined {
  if (value === undefined) return undefined;
  const text = once('checkpoint-every')(value);
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
