import { BadRowList } from '../../bad-rows.ts';
import type { CheckedOptions } from '../../options.ts';
import type { LoadedFile, LoadedLog, OnFile } from '../backend.ts';
import { fileOf, openSparkInput, type SparkInput } from './spark-input.ts';
import type { SparkSql } from './spark-sql.ts';

/**
 * Reads all inputs into view `raw`. Spark does not number rows: the position of a row is that of its block (input, path, start)
 * and its number in the block, which together count all records without gaps.
 */
export async function readWithSpark(
  spark: SparkSql,
  options: CheckedOptions,
  onFile: OnFile,
): Promise<LoadedLog> {
  const { inputs, testInputs = [] } = options;
  const all = [...inputs, ...testInputs];
  const opened: SparkInput[] = [];
  for (const [index, path] of all.entries()) {
    onFile(path, 0, 1);
    opened.push(await openSparkInput(spark, path, index, options));
  }
  onFile(`${all.length} inputs`, 0, 1);
  await spark.createTable('records', opened.map(({ records }) => records).join(' UNION ALL '));
  await spark.createTable('blocks', blocks);
  await spark.lines(`CREATE TEMPORARY VIEW raw AS ${rows}`);
  return { files: await loadedFiles(spark, opened, inputs.length), badRows: new BadRowList() };
}

/** A block has the records from `first_id` on, and there are `before` records before it. */
const blocks = `
  SELECT *, sum(rows) OVER (ORDER BY input, path, block) - rows AS before
  FROM (SELECT input, path, block, min(id) AS first_id, count(*) AS rows FROM records GROUP BY input, path, block)`;

const rows = `
  SELECT /*+ BROADCAST(b) */ b.before + r.id - b.first_id AS pos, 0 AS record, r.session, r.item, r.time_text, r.event, r.context
  FROM records r JOIN blocks b ON r.input = b.input AND r.path = b.path AND r.block = b.block`;

async function loadedFiles(
  spark: SparkSql,
  inputs: readonly SparkInput[],
  testFrom: number,
): Promise<LoadedFile[]> {
  const found = await spark.rows(
    'SELECT input, path, min(before) AS first, sum(rows) AS rows FROM blocks GROUP BY input, path ORDER BY first',
  );
  return found.map((row) => {
    const { hasTimestamps } = inputs[Number(row['input'])] as SparkInput;
    const [firstRow, rows] = [Number(row['first']), Number(row['rows'])];
    return {
      file: fileOf(String(row['path'])),
      format: 'parquet',
      isTest: Number(row['input']) >= testFrom,
      hasTimestamps,
      firstRow,
      endRow: firstRow + rows,
      rows,
      locate: async (places) => places.map(({ pos }) => pos - firstRow + 1),
    };
  });
}
