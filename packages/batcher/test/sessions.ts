import fc from 'fast-check';
import { describeBlock, type SessionBlocks } from '../src/session-arrays.ts';

/** Sessions of 0 to 6 events, whose item indices are the indices of the events, so that all pairs differ. */
export const distinctSessions: fc.Arbitrary<number[][]> = fc
  .array(fc.nat({ max: 6 }), { maxLength: 12 })
  .map((lengths) => {
    let item = 0;
    return lengths.map((length) => Array.from({ length }, () => item++));
  });

/** Sessions as the arrays of a batcher. @param contextWidth - of contexts that follow from the items. */
export function toArrays(
  sessions: readonly (readonly number[])[],
  contextWidth = 0,
): {
  sessionOffsets: Int32Array;
  items: Int32Array;
  context?: Int32Array;
} {
  const sessionOffsets = new Int32Array(sessions.length + 1);
  for (const [index, session] of sessions.entries()) {
    sessionOffsets[index + 1] = sessionOffsets[index] + session.length;
  }
  const items = Int32Array.from(sessions.flat());
  if (contextWidth === 0) return { sessionOffsets, items };
  const context = [...items].flatMap((item) =>
    Array.from({ length: contextWidth }, (_, at) => 10 * item + at),
  );
  return { sessionOffsets, items, context: Int32Array.from(context) };
}

/** Sessions in blocks of a given size, from a reader that records its reads and may be slow. */
export function toBlocks(
  sessions: readonly (readonly number[])[],
  perBlock: number,
  onRead: (block: number) => void | Promise<void> = () => undefined,
  contextWidth = 0,
): SessionBlocks {
  const parts = Array.from({ length: Math.ceil(sessions.length / perBlock) }, (_, block) =>
    toArrays(sessions.slice(block * perBlock, (block + 1) * perBlock), contextWidth),
  );
  return {
    blocks: parts.map(describeBlock),
    inTimeOrder: true,
    contextWidth,
    read: async (index) => {
      await onRead(index);
      return structuredClone(parts[index]);
    },
  };
}
