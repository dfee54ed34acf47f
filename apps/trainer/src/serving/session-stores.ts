import { MemoryStore, type SessionLimits, type SessionStore } from '@gru4rec/serving';
import { UsageError } from '../arguments/usage-error.ts';

/**
 * Opens the store of `--session-store`.
 * @throws UsageError if there is none of this kind.
 */
export async function openSessionStore(store: string, limits: Partial<SessionLimits>): Promise<SessionStore> {
  if (store === 'memory') return new MemoryStore(limits);
  throw new UsageError(`--session-store expected memory, got ${JSON.stringify(store)}`);
}
