import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { DataError } from '@gru4rec/sessions';

/**
 * Unpacks a gzip file of one member or several. Not by DuckDB, which takes a cut gzip stream for a short file (1.5.6).
 *
 * @throws DataError if it is damaged, or goes on after its last member, be it with zeros: Node would leave out
 *   whatever stands behind them, another member too.
 */
export async function unpack(file: string, path: string): Promise<void> {
  const gunzip = createGunzip();
  try {
    await pipeline(createReadStream(file), gunzip, createWriteStream(path, { flags: 'wx' }));
  } catch (cause) {
    const problem = problemOf(cause);
    if (problem === undefined) throw cause;
    throw damaged(file, problem, cause);
  }
  if (gunzip.bytesWritten !== (await stat(file)).size) throw damaged(file, AFTER_END);
}

const AFTER_END = 'bytes after its end';

function problemOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error && 'code' in cause)) return undefined;
  // Node's stream ends before its input does.
  if (cause.code === 'ERR_STREAM_PREMATURE_CLOSE') return AFTER_END;
  return String(cause.code).startsWith('Z_') ? cause.message : undefined;
}

function damaged(file: string, problem: string, cause?: unknown): DataError {
  const message = `prepare: "input" expected a whole gzip file, got a damaged one (${problem}), at ${file}.`;
  return new DataError(message, { file, cause });
}
