import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { DataError } from '@gru4rec/sessions';

/** Maximum ratio of unpacked to packed size: logs have 5 to 10, a gzip bomb has 1,000. */
const DEFAULT_RATIO = 100;
/** A file may always unpack to this size. */
const DEFAULT_LEAST_BYTES = 2 ** 30;

/**
 * Unpacks a gzip file of one or more members. DuckDB (1.5.6) is not used for it because it reads a truncated gzip stream
 * without an error.
 *
 * @param maxBytes - maximum unpacked size. If not given, 100 times its size, and at least 1 GiB.
 * @throws DataError if it has more, is damaged, or has bytes after its last member, even zeros: Node would silently ignore
 *   everything after them, including other members.
 */
export async function unpack(file: string, path: string, maxBytes?: number): Promise<void> {
  const { size } = await stat(file);
  const most = maxBytes ?? Math.max(DEFAULT_RATIO * size, DEFAULT_LEAST_BYTES);
  const gunzip = createGunzip();
  try {
    await pipeline(
      createReadStream(file),
      gunzip,
      limit(file, most),
      createWriteStream(path, { flags: 'wx' }),
    );
  } catch (cause) {
    const problem = problemOf(cause);
    if (problem === undefined) throw cause;
    throw damaged(file, problem, cause);
  }
  if (gunzip.bytesWritten !== size) throw damaged(file, AFTER_END);
}

/** Passes bytes through up to a limit. */
function limit(file: string, most: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= most) done(null, chunk);
      else done(tooLarge(file, most));
    },
  });
}

function tooLarge(file: string, most: number): DataError {
  const message =
    `prepare: "input" expected a gzip file of at most ${most} bytes unpacked, got more, at ${file}. ` +
    'If it is no bomb, unpack it first.';
  return new DataError(message, { file });
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
