import { describe, expect, it } from 'vitest';
import { inOrder } from '../src/merge-sessions.ts';
import type { SessionChunk } from '../src/table.ts';

/** A chunk of sessions of one or two events that start at the given times. */
function piece(name: string, ...starts: number[]): SessionChunk {
  const lengths = starts.map((start) => 1 + (start % 2));
  const sessionOffsets = Int32Array.from([
    0,
    ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b)),
  ]);
  const times = starts.flatMap((start, i) =>
    Array.from({ length: lengths[i] ?? 0 }, (_, at) => BigInt(start + at)),
  );
  return {
    sessionIds: starts.map((start) => `${name}${start}`),
    sessionOffsets,
    items: Int32Array.from(times, Number),
    times: BigInt64Array.from(times),
  };
}

async function* streamOf(pieces: readonly SessionChunk[], onEnd = () => {}): AsyncGenerator<SessionChunk> {
  try {
    yield* pieces;
  } finally {
    onEnd();
  }
}

async function merged(first: readonly SessionChunk[], second: readonly SessionChunk[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { sessionIds, sessionOffsets, items, times } of inOrder(
    streamOf(first),
    streamOf(second),
  )) {
    expect(sessionOffsets[0]).toBe(0);
    expect([items.length, times.length]).toEqual([sessionOffsets.at(-1), sessionOffsets.at(-1)]);
    for (const [i, id] of sessionIds.entries()) {
      const events = [...items.subarray(sessionOffsets[i], sessionOffsets[i + 1])];
      const start = Number(id.slice(1));
      expect(events).toEqual(start % 2 === 1 ? [start, start + 1] : [start]);
      found.push(id);
    }
  }
  return found;
}

describe('inOrder', () => {
  it('merges sessions by start time; at equal ones the first stream comes first', async () => {
    const first = [piece('a', 1, 2, 2, 7), piece('a'), piece('a', 9)];
    const second = [piece('b', 0, 2), piece('b', 8, 9, 12)];
    expect(await merged(first, second)).toEqual([
      'b0',
      'a1',
      'a2',
      'a2',
      'b2',
      'a7',
      'b8',
      'a9',
      'b9',
      'b12',
    ]);
  });

  it('accepts a single stream', async () => {
    expect(await merged([], [piece('b', 1, 2)])).toEqual(['b1', 'b2']);
    expect(await merged([piece('a', 1, 2)], [])).toEqual(['a1', 'a2']);
  });

  it('closes both streams when the reader stops', async () => {
    const ended: string[] = [];
    const streams = ['a', 'b'].map((name) => streamOf([piece(name, 1)], () => void ended.push(name)));
    for await (const _ of inOrder(streams[0] as never, streams[1] as never)) break;
    expect(ended.sort()).toEqual(['a', 'b']);
  });
});
