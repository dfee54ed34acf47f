import type { DatasetSource, SessionChunk } from '../src/index.ts';

/** A chunk of sessions of item indices; session s starts at second s, with an event per second. */
export function chunkOf(sessions: readonly (readonly number[])[], firstId = 0): SessionChunk {
  const sessionOffsets = new Int32Array(sessions.length + 1);
  for (const [index, session] of sessions.entries()) {
    sessionOffsets[index + 1] = sessionOffsets[index] + session.length;
  }
  const times = sessions.flatMap((session, index) =>
    session.map((_, event) => BigInt((index + event) * 1000)),
  );
  return {
    sessionIds: sessions.map((_, index) => `s${firstId + index}`),
    sessionOffsets,
    items: Int32Array.from(sessions.flat()),
    times: BigInt64Array.from(times),
  };
}

/** A dataset with items `i0`, `i1`, … and their support. */
export function sourceOf(
  train: readonly (readonly number[])[],
  itemCount: number,
  more: Partial<Record<'validation' | 'test', readonly (readonly number[])[]>> = {},
): DatasetSource {
  const support = new Int32Array(itemCount);
  for (const item of train.flat()) support[item]++;
  return {
    items: [{ itemIds: Array.from({ length: itemCount }, (_, item) => `i${item}`), support }],
    splits: {
      train: [chunkOf(train)],
      ...(more.validation && { validation: [chunkOf(more.validation)] }),
      ...(more.test && { test: [chunkOf(more.test)] }),
    },
  };
}
