import { pickSessions } from '@gru4rec/batcher';
import type { SessionChunk } from './table.ts';

/**
 * Whether a session stays in a dataset.
 *
 * @param end - time of its last event, in milliseconds since 1970 UTC.
 */
export type SessionFilter = (sessionId: string, end: number) => boolean;

/** Times of the last events of the sessions of a chunk, in their order, in milliseconds since 1970 UTC. */
export function* sessionEnds({ sessionOffsets, times }: SessionChunk): Generator<number> {
  for (const offset of sessionOffsets.subarray(1)) yield Number(times[offset - 1]);
}

/** The sessions of chunks that stay, or those that leave, in order. */
export async function* selectSessions(
  chunks: AsyncIterable<SessionChunk>,
  isKept: SessionFilter,
  which: 'kept' | 'removed' = 'kept',
): AsyncGenerator<SessionChunk> {
  for await (const chunk of chunks) {
    const ends = [...sessionEnds(chunk)];
    const selected = [...ends.keys()].filter(
      (session) => isKept(chunk.sessionIds[session] ?? '', ends[session] ?? 0) === (which === 'kept'),
    );
    if (selected.length === ends.length) yield chunk;
    else if (selected.length > 0) {
      const sessionIds = selected.map((session) => chunk.sessionIds[session] ?? '');
      yield { sessionIds, ...pickSessions(chunk, selected) };
    }
  }
}
