import { join } from 'node:path';
import { checkJson, type JsonFlaw } from '@gru4rec/checked-json';
import { DataError, type DatasetManifest, type SplitName } from '@gru4rec/sessions';
import { z } from 'zod';
import {
  type AppendOptions,
  type CheckedOptions,
  checkPrepare,
  type PrepareOptions,
  timeUnits,
} from './options.ts';

/** How `prepare` made a dataset, according to its manifest. */
export interface Made {
  /** The `preparation` of the manifest. */
  readonly preparation: Readonly<Record<string, unknown>> & { readonly appended?: readonly unknown[] };
  /** The options that determine the data. */
  readonly options: Partial<PrepareOptions>;
  /** The splits by time. */
  readonly cutOff: readonly SplitName[];
  readonly directory: string;
}

const text = z.string().min(1).max(1000).optional();
const amount = z.number().nonnegative().optional();

/** The part of `preparation` that `append` reads. */
const preparationSchema = z.looseObject({
  /** The options that determine how events become sessions. New events use those of the dataset. */
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
    validationFrom: text,
    validationFraction: amount,
    testDays: amount,
    testEnd: z.enum(['last', 'bulk']).optional(),
    testFrom: text,
    testFraction: amount,
  }),
  appended: z.array(z.unknown()).optional(),
});

/** @throws DataError if the dataset was not made by `prepare`. */
export function madeOf({ preparation }: DatasetManifest, directory: string): Made {
  const found = checkJson(preparationSchema, preparation, (flaw) => notMade(directory, flaw));
  const { validationDays, validationFrom, validationFraction, ...withTest } = found.options;
  const { testDays, testEnd, testFrom, testFraction, ...options } = withTest;
  const cutOff: SplitName[] = [
    ...((validationDays ?? validationFrom ?? validationFraction) === undefined
      ? []
      : ['validation' as const]),
    ...((testDays ?? testFrom ?? testFraction) === undefined ? [] : ['test' as const]),
  ];
  return { preparation: preparation as Made['preparation'], options, cutOff, directory };
}

/**
 * Combines the dataset's options, which determine sessions, with the options of this run.
 *
 * @throws TypeError or RangeError if an option of this run is wrong, DataError if an option of the dataset is.
 */
export function optionsFor({ options, directory }: Made, given: AppendOptions): CheckedOptions {
  const { inputs, output, format, onBadRow, memoryLimit, threads, maxUnpackedBytes } = given;
  const { onProgress, onAbsentTypes } = given;
  // Listed one by one, so that no other option of the caller overrides one of the dataset.
  const run = { inputs, output, format, memoryLimit, threads, maxUnpackedBytes, onProgress, onAbsentTypes };
  checkPrepare({ ...run, onBadRow });
  // The manifest always has a session column and a gap, even if only one of them was used.
  const { sessionColumn, sessionGapMs, ...others } = options;
  const columns = options.userColumn === undefined ? { sessionColumn } : { sessionGapMs };
  try {
    return checkPrepare({ ...others, ...columns, ...run, onBadRow: onBadRow ?? options.onBadRow });
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
