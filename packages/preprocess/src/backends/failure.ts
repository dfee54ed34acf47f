import { DataError } from '@gru4rec/sessions';

/**
 * Tells a machine that is too small from bad input, in one line.
 *
 * @param place - the folder on whose disk everything is written.
 * @returns DataError for a full disk or too little memory, otherwise the error as it came.
 */
export function failureOf(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error instanceof DataError) return error;
  const full = 'code' in error ? error.code === 'ENOSPC' : diskFull.test(error.message);
  if (full) {
    const message = `prepare: "output" expected free space on its disk, got a full disk, at ${place}. Free some or choose another disk.`;
    return new DataError(message, { file: place, cause: error });
  }
  if (/^Out of Memory Error/.test(error.message)) {
    const [line = ''] = error.message.split('\n');
    return new DataError(`prepare: "memoryLimit" expected more memory, got: ${line}. Raise --memory-limit.`, {
      cause: error,
    });
  }
  return error;
}

const diskFull = /No space left on device|max_temp_directory_size|not enough space|disk full/i;
