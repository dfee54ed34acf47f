import { dirname, resolve } from 'node:path';
import { checkItemRows, type LineCounts } from '@gru4rec/item-info';
import { type DatasetManifest, replaceDataset } from '@gru4rec/sessions';
import type { Backend } from './backends/backend.ts';
import { DuckDbBackend } from './backends/duckdb/duckdb-backend.ts';
import { failureOf } from './backends/duckdb/failure.ts';
import { withSpark } from './backends/spark/with-spark.ts';
import type { FunnelRow } from './funnel.ts';
import { listInputs } from './input/list-inputs.ts';
import { type CheckedOptions, checkPrepare, type PrepareOptions, type TimeUnit } from './options.ts';
import { newPreparation, type Workplace } from './preparation.ts';
import { StageRunner } from './run-stages.ts';
import { stagesOf } from './stages.ts';

/** The dataset's manifest, and counts of events after each step. */
export interface PrepareReport {
  readonly manifest: DatasetManifest;
  readonly funnel: readonly FunnelRow[];
  readonly badRows: number;
  readonly timeUnit: TimeUnit;
  /** What may be wrong with the times or splits, in one line each. */
  readonly warnings: readonly string[];
  /** Rows of the items file that were kept, and of items that the dataset lacks; undefined without the file. */
  readonly itemInfo?: LineCounts | undefined;
}

/**
 * Makes a session dataset from raw events.
 *
 * @throws TypeError or RangeError if options are wrong, DataError at bad input. No files are left then.
 */
export async function prepare(options: PrepareOptions): Promise<PrepareReport> {
  const checked = checkPrepare(options);
  const { output, overwrite = false, items } = options;
  if (items !== undefined) await checkItemRows(items);
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
  const run = (db: Backend) => runStages(db, options, workplace);
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

async function runStages(db: Backend, options: CheckedOptions, workplace: Workplace): Promise<PrepareReport> {
  const work = newPreparation(db, options, workplace);
  const runner = new StageRunner(options.onProgress);
  await runner.run(stagesOf(work), () => db.progress);
  const { manifest, funnel, badRows, timeUnit = 's', warnings, itemInfo } = work;
  if (manifest === undefined) throw new Error('prepare: the last stage wrote no manifest.');
  return { manifest, funnel: funnel.rows, badRows, timeUnit, warnings, ...(itemInfo && { itemInfo }) };
}
