import type { SessionArrays } from '@gru4rec/batcher';

/** Converts sessions, one array of item indices each, to CSR form. */
export function toSessions(...sessions: readonly (readonly number[])[]): SessionArrays {
  const sessionOffsets = new Int32Array(sessions.length + 1);
  for (const [index, session] of sessions.entries()) {
    sessionOffsets[index + 1] = sessionOffsets[index] + session.length;
  }
  return { sessionOffsets, items: Int32Array.from(sessions.flat()) };
}
