import { DurableError, writeFolder } from '@gru4rec/durable-files';
import { ModelError } from './model-error.ts';

/**
 * `writeFolder` of durable-files, with this package's errors.
 *
 * @throws ModelError if the folder holds something else or cannot be written; nothing stays half-written.
 */
export async function writeModelFolder(...args: Parameters<typeof writeFolder>): Promise<void> {
  try {
    await writeFolder(...args);
  } catch (error) {
    if (!(error instanceof DurableError)) throw error;
    throw new ModelError(error.file, error.problem, { cause: error.cause });
  }
}
