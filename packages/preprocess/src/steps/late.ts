import { DataError } from '@gru4rec/sessions';
import type { EventSet } from '../events/event-set.ts';
import type { AppendOptions } from '../options.ts';

/** Which new sessions start too early to follow those of the dataset, and what to do with them. */
export interface LateSessions {
  /** Milliseconds since 1970 UTC: a session that starts earlier is late. */
  readonly before: number;
  /** Undefined: late sessions are refused. */
  readonly policy: AppendOptions['lateSessions'];
}

/**
 * Counts the remaining late sessions.
 *
 * @param file - named in errors.
 * @throws DataError if there are late sessions and no policy for them.
 */
export async function countLate(
  events: EventSet,
  { before, policy }: LateSessions,
  file: string,
): Promise<number> {
  const { late, first } = await events.findLate(before);
  if (late === 0 || policy !== undefined) return late;
  const [expected, got] = [before, first].map((ms) => new Date(ms).toISOString());
  const sessions =
    late === 1 ? '1 session that starts earlier,' : `${late} sessions that start earlier, the first`;
  const message =
    `"inputs" expected sessions that start at ${expected} or later, the start of the last session of the dataset, ` +
    `got ${sessions} at ${got}, at ${file}. Say with "lateSessions" whether to keep or drop them, or prepare the dataset again from all files.`;
  throw new DataError(message, { file });
}
