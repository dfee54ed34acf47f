import type { AppendOptions, AppendReport, PrepareOptions, PrepareReport } from '@gru4rec/preprocess';
import type { EventLog, EventLogOptions, ItemsFile } from '@gru4rec/serving';

// DuckDB and Fastify are loaded by the first call that needs them.

/**
 * Makes a session dataset from raw events.
 *
 * @throws TypeError or RangeError if options are wrong, DataError at bad input, the reason of `signal`. No files are left then.
 * @example
 * const { manifest } = await prepare({ inputs: ['clicks.csv'], output: 'data', testDays: 1, overwrite: true });
 */
export async function prepare(options: PrepareOptions): Promise<PrepareReport> {
  const preprocess = await import('@gru4rec/preprocess');
  return preprocess.prepare(options);
}

/**
 * Adds the sessions of new events to the training sessions of a dataset, and new items behind its items, with the dataset's options.
 *
 * @throws TypeError or RangeError if options are wrong, DataError at bad input or late sessions without `lateSessions`, the reason
 *   of `signal`. The dataset stays unchanged then.
 * @example
 * const { added } = await append({ inputs: ['tomorrow.csv'], output: 'data', lateSessions: 'keep' });
 */
export async function append(options: AppendOptions): Promise<AppendReport> {
  const preprocess = await import('@gru4rec/preprocess');
  return preprocess.append(options);
}

/**
 * Opens an event log for the `observers` of {@link serve}, which closes it. It restores sessions after a restart.
 *
 * @throws Error if the folder cannot be written, or another process writes it.
 * @example
 * const log = await openEventLog('events');
 * await using served = await serve('model', { port: 0, observers: [log] });
 */
export async function openEventLog(directory: string, options: EventLogOptions = {}): Promise<EventLog> {
  const serving = await import('@gru4rec/serving');
  return serving.EventLog.open(directory, options);
}

/**
 * Reads titles, groups, prices and other values of items in JSON Lines, CSV or TSV, for `items` of {@link serve}.
 *
 * @throws Error naming the file and the line that is wrong.
 * @example
 * const items = await openItemsFile('items.jsonl');
 * await using served = await serve('model', { port: 0, items });
 */
export async function openItemsFile(path: string): Promise<ItemsFile> {
  const serving = await import('@gru4rec/serving');
  return serving.ItemsFile.open(path);
}
