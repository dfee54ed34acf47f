import type { DatasetSource, SessionChunk } from '../src/index.ts';

/** Item indices of each session, also as a text of one digit per event, such as '01 210'. */
type Sessions = string | readonly (readonly number[])[];

const listsOf = (sessions: Sessions) =>
  typeof sessions === 'string' ? sessions.split(' ').map((items) => [...items].map(Number)) : sessions;

/** A chunk of sessions of item indices; session s starts at second s, with an event per second. */
export function chunkOf(of: Sessions, firstId = 0): SessionChunk {
  const sessions = listsOf(of);
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
  train: Sessions,
  itemCount: number,
  more: Partial<Record<'validation' | 'test', Sessions>> = {},
): DatasetSource {
  const support = new Int32Array(itemCount);
  for (const item of listsOf(train).flat()) support[item]++;
  return {
    items: [{ itemIds: Array.from({ length: itemCount }, (_, item) => `i${item}`), support }],
    splits: {
      train: [chunkOf(train)],
      ...(more.validation && { validation: [chunkOf(more.validation)] }),
      ...(more.test && { test: [chunkOf(more.test)] }),
    },
  };
}

/** Whether two arrays that are not empty have the same values. Compared faster than `toEqual` does. */
export function areEqual(
  a: Int32Array | BigInt64Array = new Int32Array(),
  b: typeof a = new Int32Array(),
): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: typeof a) => Buffer.from(buffer, byteOffset, byteLength);
  return a.length > 0 && bytes(a).equals(bytes(b));
}
