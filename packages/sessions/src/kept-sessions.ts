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
    const isSelected = chunk.sessionIds.map(
      (id, session) => isKept(id, ends[session] ?? 0) === (which === 'kept'),
    );
    if (isSelected.every(Boolean)) yield chunk;
    else if (isSelected.some(Boolean)) yield selected(chunk, isSelected);
  }
}

function selected(chunk: SessionChunk, isSelected: readonly boolean[]): SessionChunk {
  const { sessionOffsets } = chunk;
  const offsets = [0];
  const isEventSelected = new Uint8Array(chunk.items.length);
  for (const [session, flag] of isSelected.entries()) {
    const [start = 0, end = 0] = sessionOffsets.subarray(session, session + 2);
    if (!flag) continue;
    isEventSelected.fill(1, start, end);
    offsets.push((offsets.at(-1) ?? 0) + end - start);
  }
  return {
    sessionIds: chunk.sessionIds.filter((_, session) => isSelected[session]),
    sessionOffsets: Int32Array.from(offsets),
    items: chunk.items.filter((_, event) => isEventSelected[event] === 1),
    times: chunk.times.filter((_, event) => isEventSelected[event] === 1),
  };
}
