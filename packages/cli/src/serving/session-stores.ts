import { UsageError } from '@gru4rec/checked-options';
import { openSessionStore, type SessionLimits, type SessionStore } from '@gru4rec/serving';

/**
 * Opens the store of `--session-store`.
 * @throws UsageError if there is none of this kind, or Error in one line if it cannot be used.
 */
export async function openNamedStore(text: string, limits: Partial<SessionLimits>): Promise<SessionStore> {
  try {
    return await openSessionStore(text, limits);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--session-store ${error.message}`);
    throw error;
  }
}
