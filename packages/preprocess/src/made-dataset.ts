import { join } from 'node:path';
import { checkJson, type JsonFlaw } from '@gru4rec/checked-json';
import { DataError, type DatasetManifest, type SplitName } from '@gru4rec/sessions';
import { z } from 'zod';
import {
  type AppendOptions,
  type CheckedOptions,
  checkOptions,
  type PrepareOptions,
  timeUnits,
} from './options.ts';

/** What a manifest tells of how `prepare` made the dataset. */
export interface Made {
  /** As it stands there. */
  readonly preparation: Readonly<Record<string, unknown>> & { readonly appended?: readonly unknown[] };
  /** The options that shaped the data. */
  readonly options: Partial<PrepareOptions>;
  /** The splits that were cut off the end of the log. */
  readonly cutOff: readonly SplitName[];
  readonly directory: string;
}

const text = z.string().min(1).max(1000).optional();
const amount = z.number().nonnegative().optional();

/** What `prepare` writes of itself, as far as it is read here. */
const preparationSchema = z.looseObject({
  /** Those that say how events become sessions: those of new events are the dataset's. */
  options: z.object({
    sessionColumn: text,
    itemColumn: text,
    timeColumn: text,
    userColumn: text,
    sessionGapMs: amount,
    eventColumn: text,
    eventTypes: z.array(z.string()).optional(),
    eventsField: text,
    timeUnit: z.enum(timeUnits as ['s']).optional(),
    onBadRow: z.enum(['fail', 'skip']).optional(),
    minSessionLength: amount,
    maxSessionLength: amount,
    minItemSupport: amount,
    filterUntilStable: z.boolean().optional(),
    collapseRepeats: z.boolean().optional(),
    validationDays: amount,
    testDays: amount,
  }),
  appended: z.array(z.unknown()).optional(),
});

/** @throws DataError if the dataset was not made by `prepare`. */
export function madeOf({ preparation }: DatasetManifest, directory: string): Made {
  const found = checkJson(preparationSchema, preparation, (flaw) => notMade(directory, flaw));
  const { validationDays, testDays, ...options } = found.options;
  const days = { validation: validationDays, test: testDays };
  const cutOff = (['validation', 'test'] as const).filter((name) => days[name] !== undefined);
  return { preparation: preparation as Made['preparation'], options, cutOff, directory };
}

/**
 * The options for new events: the dataset's, as far as they shape sessions, and those of this run.
 *
 * @throws TypeError or RangeError if those of this run are wrong, DataError if the dataset's are.
 */
export function optionsFor({ options, directory }: Made, given: AppendOptions): CheckedOptions {
  const { inputs, output, format, onBadRow, memoryLimit, threads, maxUnpackedBytes } = given;
  const { onProgress, onAbsentTypes } = given;
  // Named one by one: whatever else a caller hands over must not take the place of the dataset's options.
  const run = { inputs, output, format, memoryLimit, threads, maxUnpackedBytes, onProgress, onAbsentTypes };
  checkOptions({ ...run, onBadRow });
  // A session column is among the options even where a user column took its place, and a gap where none did.
  const { sessionColumn, sessionGapMs, ...others } = options;
  const columns = options.userColumn === undefined ? { sessionColumn } : { sessionGapMs };
  try {
    return checkOptions({ ...others, ...columns, ...run, onBadRow: onBadRow ?? options.onBadRow });
  } catch (cause) {
    const flaw = { path: 'options', expected: 'the options of prepare', got: (cause as Error).message };
    throw notMade(directory, flaw, cause);
  }
}

function notMade(directory: string, { path, expected, got }: JsonFlaw, cause?: unknown): DataError {
  const file = join(directory, 'dataset.json');
  const place = path === '' ? 'preparation' : `preparation.${path}`;
  const message = `append: "${place}" expected ${expected}, got ${got}, at ${file}. Prepare the dataset again from all files.`;
  return new DataError(message, { file, cause });
}
