import { join } from 'node:path';
import { DataError, type DatasetManifest, type SplitName } from '@gru4rec/sessions';
import type { AppendOptions } from './append.ts';
import { type CheckedOptions, checkOptions, type PrepareOptions } from './options.ts';

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

/** The options that say how events become sessions: those of new events are the dataset's. */
const shaping = [
  ...(['sessionColumn', 'itemColumn', 'timeColumn', 'userColumn', 'sessionGapMs', 'eventColumn'] as const),
  ...(['eventTypes', 'eventsField', 'timeUnit', 'onBadRow', 'minSessionLength', 'maxSessionLength'] as const),
  ...(['minItemSupport', 'filterUntilStable', 'collapseRepeats'] as const),
];

/** @throws DataError if the dataset was not made by `prepare`. */
export function madeOf({ preparation }: DatasetManifest, directory: string): Made {
  const options = isRecord(preparation) ? preparation['options'] : undefined;
  if (!isRecord(preparation) || !isRecord(options)) throw notMade(directory, 'none');
  const own = Object.entries(options).filter(([name]) => (shaping as readonly string[]).includes(name));
  const appended = preparation['appended'];
  if (appended !== undefined && !Array.isArray(appended)) throw notMade(directory, 'others');
  const cutOff = (['validation', 'test'] as const).filter((name) => Object.hasOwn(options, `${name}Days`));
  return { preparation, options: Object.fromEntries(own), cutOff, directory };
}

/**
 * The options for new events: the dataset's, as far as they shape sessions, and those of this run.
 *
 * @throws TypeError or RangeError if those of this run are wrong, DataError if the dataset's are.
 */
export function optionsFor({ options, directory }: Made, given: AppendOptions): CheckedOptions {
  const { inputs, output, format, onBadRow, memoryLimit, threads, onProgress } = given;
  const run = { inputs, output, format, memoryLimit, threads, onProgress };
  checkOptions({ ...run, onBadRow });
  // A session column is among the options even where a user column took its place, and a gap where none did.
  const { sessionColumn, sessionGapMs, ...others } = options;
  const columns = options.userColumn === undefined ? { sessionColumn } : { sessionGapMs };
  try {
    return checkOptions({ ...others, ...columns, ...run, onBadRow: onBadRow ?? options.onBadRow });
  } catch (cause) {
    throw notMade(directory, (cause as Error).message, cause);
  }
}

function notMade(directory: string, got: string, cause?: unknown): DataError {
  const file = join(directory, 'dataset.json');
  const message = `append: "preparation" expected the options of prepare, got ${got}, at ${file}. Prepare the dataset again from all files.`;
  return new DataError(message, { file, cause });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
