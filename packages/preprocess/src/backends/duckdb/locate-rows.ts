import type { InputFile } from '../../input/input-file.ts';
import { readRecords } from '../../input/records.ts';
import { isBlankLine, isSound } from './clean-copy.ts';

/**
 * Finds the lines of records that DuckDB counted.
 *
 * @param input - the file as given, not its clean copy.
 * @param ordinals - from 0, ascending: positions among the events' records, header and blank lines not counted.
 * @returns one line number for each.
 */
export async function locateRows(input: InputFile, ordinals: readonly number[]): Promise<number[]> {
  if (input.format === 'parquet' || input.format === 'arrow') return ordinals.map((ordinal) => ordinal + 1);
  const lines: number[] = [];
  let ordinal = input.format === 'jsonl' ? 0 : -1;
  for await (const records of readRecords(input.path, input.delimiter)) {
    for (const record of records) {
      // DuckDB counts neither blank lines nor, in JSON Lines, lines of blanks.
      if ((input.format === 'jsonl' && isBlankLine(record.bytes)) || !isSound(input, record)) continue;
      while (ordinals[lines.length] === ordinal) lines.push(record.line);
      if (lines.length === ordinals.length) return lines;
      ordinal++;
    }
  }
  return lines;
}
