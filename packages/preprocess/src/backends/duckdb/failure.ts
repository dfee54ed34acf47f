import { DataError } from '@gru4rec/sessions';

/**
 * Describes a full disk or too little memory in one line, to distinguish it from bad input.
 *
 * @param place - folder on the disk that is written to.
 * @returns DataError for a full disk or too little memory, otherwise the same error.
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
    const advice = refusedBySystem.test(line)
      ? 'The system gives this process no more: free memory, or raise its limit (ulimit -v).'
      : 'Raise option "memoryLimit".';
    return new DataError(`prepare: "memoryLimit" expected more memory, got: ${line}. ${advice}`, {
      cause: error,
    });
  }
  return error;
}

/**
 * Adds the current file to an unexpected error, such as a stack overflow.
 *
 * @returns DataError for an error of the runtime, otherwise the same error.
 */
export function nameFile(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof DataError || 'code' in error) return error;
  if (failureOf(error, '') !== error || /allocation failed/i.test(error.message)) return error;
  const [line = ''] = error.message.split('\n');
  const message = `prepare: "input" expected a sound file, got one that cannot be read (${line.slice(0, 300)}), at ${file}.`;
  return new DataError(message, { file, cause: error });
}

/** DuckDB's words where its own limit is not reached. */
const refusedBySystem = /bad allocation|Allocation failure/;

const diskFull = /No space left on device|max_temp_directory_size|not enough space|disk full/i;

/** Names the file in errors of reading it. */
export function naming<Result>(file: string, reading: Promise<Result>): Promise<Result> {
  return reading.catch((cause: unknown) => {
    throw nameFile(cause, file);
  });
}
