import { shorten } from '@gru4rec/checked-options';
import { DataError } from '@gru4rec/sessions';
import { type BadRow, type BadRows, badRowError, MAX_LISTED_ROWS } from '../../bad-rows.ts';
import type { CheckedOptions } from '../../options.ts';
import type { LoadedFile, LoadedLog, OnFile } from '../backend.ts';
import { fileOf, openSparkInput, type SparkInput } from './spark-input.ts';
import type { SparkSql } from './spark-sql.ts';

/**
 * Reads all inputs into view `raw`. Spark does not number rows: the position of a row is that of its block (input, path, start)
 * and its number in the block, which together count all lines without gaps.
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
  await spark.createTable('lines', opened.map(({ lines }) => lines).join(' UNION ALL '));
  await spark.createTable('blocks', blocks);
  await spark.lines(`CREATE TEMPORARY VIEW raw AS ${rows('fault IS NULL')}`);
  const files = await loadedFiles(spark, opened, inputs.length);
  return { files, badRows: await unreadableRows(spark, files, options) };
}

/** A block has the lines from `first_id` on, and there are `before` lines before it. */
const blocks = `
  SELECT *, sum(lines) OVER (ORDER BY input, path, block) - lines AS before
  FROM (
    SELECT input, path, block, min(id) AS first_id, max(id) - min(id) + 1 AS lines,
      min(CASE WHEN kind = 2 THEN id END) AS header_id,
      count(CASE WHEN kind <> 1 AND fault IS NULL THEN 1 END) AS rows
    FROM lines GROUP BY input, path, block)`;

/** Rows, without blank lines and headers. */
function rows(condition: string): string {
  return `
    SELECT /*+ BROADCAST(b) */ b.before + l.id - b.first_id AS pos, l.record, l.session, l.item, l.time_text, l.event, l.context, l.fault, l.shown
    FROM lines l JOIN blocks b ON l.input = b.input AND l.path = b.path AND l.block = b.block
    WHERE l.kind <> 1 AND NOT (l.kind = 2 AND l.id = b.first_id) AND ${condition}`;
}

async function loadedFiles(
  spark: SparkSql,
  inputs: readonly SparkInput[],
  testFrom: number,
): Promise<LoadedFile[]> {
  const found = await spark.rows(`
    SELECT input, path, min(before) AS first, sum(lines) AS lines, sum(rows) AS rows,
      count(CASE WHEN block = 0 AND header_id = first_id THEN 1 END) AS headers
    FROM blocks GROUP BY input, path ORDER BY first`);
  return found.map((row) => {
    const { format, path, hasTimestamps } = inputs[Number(row['input'])] as SparkInput;
    const file = fileOf(String(row['path']));
    const hasHeader = format === 'csv' || format === 'tsv';
    if (hasHeader && Number(row['headers']) === 0) throw otherHeader(file, path);
    const firstRow = Number(row['first']);
    return {
      file,
      format,
      isTest: Number(row['input']) >= testFrom,
      hasTimestamps,
      firstRow,
      endRow: firstRow + Number(row['lines']),
      rows: Number(row['rows']) - (hasHeader ? 1 : 0),
      locate: async (places) => places.map(({ pos }) => pos - firstRow + 1),
    };
  });
}

function otherHeader(file: string, input: string): DataError {
  return new DataError(
    `prepare: header expected as in the other files of ${input}, got another, at ${file}:1. Give files with other columns as separate inputs.`,
    { file, row: 1 },
  );
}

async function unreadableRows(
  spark: SparkSql,
  files: readonly LoadedFile[],
  { onBadRow }: CheckedOptions,
): Promise<BadRows> {
  const limit = onBadRow === 'fail' ? 1 : MAX_LISTED_ROWS;
  const from = `(${rows('fault IS NOT NULL')})`;
  const found = await spark.rows(`SELECT pos, fault, shown FROM ${from} ORDER BY pos LIMIT ${limit}`);
  let at = 0;
  const listed = found.map((row): BadRow => {
    const pos = Number(row['pos']);
    while (pos >= (files[at]?.endRow ?? Number.POSITIVE_INFINITY)) at++;
    const { file = '', firstRow = 0 } = files[at] ?? {};
    const value = shorten(String(row['shown'] ?? ''));
    return { file, row: pos - firstRow + 1, column: '', value, expected: String(row['fault']) };
  });
  if (onBadRow === 'fail' && listed[0] !== undefined) throw badRowError(listed[0]);
  if (listed.length < limit) return { listed, count: listed.length };
  const [total] = await spark.rows(`SELECT count(*) AS count FROM ${from}`);
  return { listed, count: Number(total?.['count']) };
}
