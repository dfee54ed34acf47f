import { show, showNames } from '@gru4rec/checked-options';
import { DataError } from '@gru4rec/sessions';
import { allColumns, type ColumnNames } from './columns.ts';
import type { InputFile } from './input-file.ts';

/** @throws DataError if a required column is missing or repeated. */
export function checkColumns(
  input: Pick<InputFile, 'file'>,
  found: readonly string[],
  columns: ColumnNames,
): void {
  const wanted = allColumns(columns);
  const missing = wanted.filter((name) => !found.includes(name));
  if (missing.length > 0) throw missingColumns(input, missing, found);
  const twice = wanted.find((name) => found.filter((other) => other === name).length > 1);
  if (twice === undefined) return;
  throw new DataError(
    `prepare: column "${twice}" expected once in the header, got it twice, at ${input.file}:1. Rename one of them.`,
    { file: input.file, row: 1, column: twice },
  );
}

/** The error for columns that a file does not have. */
export function missingColumns(
  input: Pick<InputFile, 'file'>,
  missing: readonly string[],
  found: readonly string[],
): DataError {
  const got = showNames(found.filter((name) => name !== '').map(show)) || 'none';
  const message =
    `prepare: column ${showNames(missing.map(show))} expected among the columns, got ${got}, at ${input.file}:1. ` +
    'Name the columns with option "sessionColumn" or option "userColumn", option "itemColumn", option "timeColumn", option "eventColumn".';
  return new DataError(message, { file: input.file, row: 1, column: missing[0] });
}

/** The error for a column of lists, structs or maps. */
export function notPlainColumn(input: Pick<InputFile, 'file'>, name: string, type: string): DataError {
  return new DataError(
    `prepare: column "${name}" expected texts, numbers or times, got ${type.slice(0, 100)}, at ${input.file}:1. Choose another column or unnest it.`,
    { file: input.file, row: 1, column: name },
  );
}
