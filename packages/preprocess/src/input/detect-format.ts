import { DataError } from '@gru4rec/sessions';
import type { InputFormat } from '../options.ts';

/** The first bytes of a Parquet file. */
export const PARQUET_MARK = 'PAR1';

/**
 * Detects the format of a file by its first bytes, not by its name.
 *
 * @throws DataError if it is none of the supported formats.
 */
export function detectFormat(head: Buffer, file: string): InputFormat {
  if (head.subarray(0, 4).toString('latin1') === PARQUET_MARK) return 'parquet';
  if (isArrow(head)) return 'arrow';
  if (head.includes(0)) throw foreign(file, 'binary or UTF-16 content');
  const text = head.toString('utf8').trimStart();
  // CSV and TSV begin with a header. An event log may begin with clicks that were forgotten.
  if (text === '' || text.startsWith('{')) return 'jsonl';
  if (text.startsWith('[')) throw foreign(file, 'a JSON array');
  const [header = ''] = text.split('\n', 1);
  return header.includes('\t') ? 'tsv' : 'csv';
}

/** Whether it is an Arrow file, or a stream, which starts with the prefix of its first message. */
function isArrow(head: Buffer): boolean {
  if (head.subarray(0, 6).toString('latin1') === 'ARROW1') return true;
  return head.length >= 8 && head.readInt32LE(0) === -1 && head.readInt32LE(4) > 0;
}

function foreign(file: string, found: string): DataError {
  const message = `prepare: "input" expected CSV, TSV, JSON Lines (one object a line), Parquet or Arrow, got ${found}, at ${file}.`;
  return new DataError(message, { file });
}
