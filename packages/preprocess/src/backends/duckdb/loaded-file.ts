import type { InputFile } from '../../input/input-file.ts';
import { readRecords } from '../../input/records.ts';
import type { LoadedFile } from '../backend.ts';
import { isBlankLine, isSound } from './clean-copy.ts';

/** Describes a file, and finds its rows. */
export function loadedFile(
  input: InputFile,
  loaded: Pick<LoadedFile, 'isTest' | 'firstRow' | 'endRow' | 'hasTimestamps'>,
): LoadedFile {
  const { firstRow, endRow } = loaded;
  return {
    ...loaded,
    file: input.file,
    format: input.format,
    rows: endRow - firstRow,
    locate: (rows) =>
      locateRows(
        input,
        rows.map(({ pos, record }) => record ?? pos - firstRow),
      ),
  };
}

/**
 * Finds the line numbers of records.
 *
 * @param input - the original file, not its clean copy.
 * @param ordinals - indices of records from 0, ascending, without header and blank lines.
 * @returns one line number per ordinal.
 */
async function locateRows(input: InputFile, ordinals: readonly number[]): Promise<number[]> {
  if (input.format === 'parquet' || input.format === 'arrow') return ordinals.map((ordinal) => ordinal + 1);
  const lines: number[] = [];
  let ordinal = input.format === 'jsonl' ? 0 : -1;
  for await (const records of readRecords(input.path, input.delimiter)) {
    for (const record of records) {
      // DuckDB counts neither empty lines nor, in JSON Lines, lines of only blanks.
      if ((input.format === 'jsonl' && isBlankLine(record.bytes)) || !isSound(input, record)) continue;
      while (ordinals[lines.length] === ordinal) lines.push(record.line);
      if (lines.length === ordinals.length) return lines;
      ordinal++;
    }
  }
  return lines;
}
