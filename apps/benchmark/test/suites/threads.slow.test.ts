import { describe, expect, it } from 'vitest';
import { measureThreads } from '../../src/suites/threads.ts';

describe('measureThreads', () => {
  it('measures each number of threads with both kinds of kernels, with equal losses', async () => {
    const turns: string[] = [];
    const [row, ...others] = await measureThreads({
      seconds: 0.01,
      rounds: 1,
      engine: {},
      only: /^cross-entropy, 100/,
      counts: [1, 2],
      onTurn: (line) => turns.push(line),
    });
    expect(others).toEqual([]);
    expect(row?.ours.name).toBe('wasm, 1 thread');
    const peers = [...(row?.peers ?? []), ...(row?.missing ?? [])].map(({ name }) => name);
    expect(peers).toEqual(['wasm, 2 threads', 'native, 1 thread', 'native, 2 threads']);
    const losses = [row?.ours, ...(row?.peers ?? [])].map((peer) => peer?.correctness.lossAfter32Steps);
    for (const loss of losses) expect(loss).toBeCloseTo(losses[0] ?? Number.NaN, 3);
    expect(turns[0]).toMatch(/^threads cross-entropy, 100 units, .*: wasm, 1 thread: [\d.]+ steps\/s$/);
  });
});
