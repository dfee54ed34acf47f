import { dirname, resolve } from 'node:path';
import { replaceDataset } from '@gru4rec/sessions';
import type { Backend } from './backends/backend.ts';
import { DuckDbBackend } from './backends/duckdb/duckdb-backend.ts';
import { failureOf } from './backends/duckdb/failure.ts';
import { withSpark } from './backends/spark/with-spark.ts';
import { listInputs } from './input/list-inputs.ts';
import { checkItemsFile } from './items-file.ts';
import { type CheckedOptions, checkPrepare, type PrepareOptions } from './options.ts';
import type { PrepareReport, Workplace } from './preparation.ts';
import { prepareLog } from './prepare-log.ts';

/**
 * Makes a session dataset from raw events.
 *
 * @throws TypeError or RangeError if options are wrong, DataError at bad input. No files are left then.
 */
export async function prepare(options: PrepareOptions): Promise<PrepareReport> {
  const checked = checkPrepare(options);
  const { output, overwrite = false, items, itemsIdColumn } = options;
  if (items !== undefined) await checkItemsFile(items, itemsIdColumn);
  try {
    return await replaceDataset(output, { overwrite }, (folder, scratch) =>
      prepareFiles(checked, { folder, scratch }),
    );
  } catch (error) {
    throw failureOf(error, dirname(resolve(output)));
  }
}

/** Makes the files of a dataset. */
export async function prepareFiles(given: CheckedOptions, workplace: Workplace): Promise<PrepareReport> {
  const options = await listFiles(given);
  const { spark } = options;
  const run = (db: Backend) => prepareLog(db, options, workplace);
  if (spark !== undefined) return withSpark({ ...options, spark }, workplace.scratch, run);
  const db = await DuckDbBackend.open(options, workplace.scratch);
  return run(db).finally(() => db.close());
}

/** Replaces folders by their files; Spark lists folders by itself. */
async function listFiles(options: CheckedOptions): Promise<CheckedOptions> {
  const { spark, inputs, testInputs } = options;
  if (spark !== undefined) return options;
  return {
    ...options,
    inputs: await listInputs(inputs),
    testInputs: testInputs && (await listInputs(testInputs)),
  };
}
