import fc from 'fast-check';
import { describeBlock, type SessionBlocks } from '../src/session-blocks.ts';

/** Sessions of 0 to 6 events, whose item indices are the indices of the events, so that all pairs differ. */
export const distinctSessions: fc.Arbitrary<number[][]> = fc
  .array(fc.nat({ max: 6 }), { maxLength: 12 })
  .map((lengths) => {
    let item = 0;
    return lengths.map((length) => Array.from({ length }, () => item++));
  });

/** Sessions as the two arrays of a batcher. */
export function toArrays(sessions: readonly (readonly number[])[]): {
  sessionOffsets: Int32Array;
  items: Int32Array;
} {
  const sessionOffsets = new Int32Array(sessions.length + 1);
  for (const [index, session] of sessions.entries()) {
    sessionOffsets[index + 1] = sessionOffsets[index] + session.length;
  }
  return { sessionOffsets, items: Int32Array.from(sessions.flat()) };
}

/** Sessions in blocks of a given size, from a reader that records its reads and may be slow. */
export function toBlocks(
  sessions: readonly (readonly number[])[],
  perBlock: number,
  onRead: (block: number) => void | Promise<void> = () => undefined,
): SessionBlocks {
  const parts = Array.from({ length: Math.ceil(sessions.length / perBlock) }, (_, block) =>
    toArrays(sessions.slice(block * perBlock, (block + 1) * perBlock)),
  );
  return {
    blocks: parts.map(describeBlock),
    inTimeOrder: true,
    read: async (index) => {
      await onRead(index);
      return structuredClone(parts[index]);
    },
  };
}
