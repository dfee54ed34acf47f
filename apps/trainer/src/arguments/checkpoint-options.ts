import type { CheckpointOptions } from '@gru4rec/model';
import type { Argv } from 'yargs';
import { UsageError } from './usage-error.ts';
import { integer, once } from './values.ts';

/** What a command line says about checkpoints. */
export interface CheckpointArguments {
  'checkpoint-every': CheckpointOptions['every'] | undefined;
  checkpoints: number;
  resume: boolean;
  'any-engine': boolean;
}

/** The options of a training run that can be interrupted. */
export function withCheckpointOptions<T>(yargs: Argv<T>): Argv<T & CheckpointArguments> {
  return yargs
    .option('checkpoint-every', {
      type: 'string',
      requiresArg: true,
      describe: 'Steps (500), minutes (10m) or hours (1h) from one checkpoint to the next',
      coerce: checkpointEvery,
    })
    .option('checkpoints', {
      type: 'string',
      requiresArg: true,
      default: '2',
      defaultDescription: '2',
      describe: 'How many of the last checkpoints are kept, beside the best by validation',
      coerce: integer('checkpoints', 1),
    })
    .option('resume', {
      type: 'boolean',
      default: false,
      describe: 'Go on with the run that was interrupted, from its newest checkpoint',
    })
    .option('any-engine', {
      type: 'boolean',
      default: false,
      describe: 'Resume on another engine or number of threads too; the model then differs by rounding',
    }) as Argv<T & CheckpointArguments>;
}

/** `500`: steps; `10m`: minutes; `1h`: hours. */
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
