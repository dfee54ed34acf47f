import type { PrepareOptions, PrepareReport } from '@gru4rec/preprocess';

/**
 * Makes a session dataset from raw events. DuckDB is loaded by the first call.
 *
 * @throws TypeError or RangeError if options are wrong, DataError at bad input. No files are left then.
 */
export async function prepare(options: PrepareOptions): Promise<PrepareReport> {
  const preprocess = await import('@gru4rec/preprocess');
  return preprocess.prepare(options);
}
