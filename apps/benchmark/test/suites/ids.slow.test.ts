import { describe, expect, it } from 'vitest';
import { idStructures, measureIdLookup } from '../../src/suites/id-lookup.ts';
import { measureIds } from '../../src/suites/ids.ts';

describe('measureIdLookup', () => {
  it.each(idStructures)('finds every id that is there, and none else: %s', (structure) => {
    const figures = measureIdLookup(structure, 70_000);
    expect(figures.found).toBe(100_000);
    expect(figures.buildSeconds).toBeGreaterThan(0);
  });
});

describe('measureIds', () => {
  it('measures each in its own process', async () => {
    const lines: string[] = [];
    const options = {
      rounds: 1,
      engine: {},
      peerDirectory: '',
      events: 100_000,
      onTurn: (line: string) => void lines.push(line),
    };
    const rows = await measureIds({ ...options, only: /held|looked/ });
    expect(rows.map(({ name }) => name)).toEqual(['100,000 ids, looked up', '100,000 ids, held']);
    expect(rows[1]).toMatchObject({
      suite: 'ids',
      best: 'string[] and Map',
      ours: { correctness: { found: 100_000 } },
    });
    expect(rows[1]!.ratio!.median).toBeGreaterThan(1);
    expect(lines).toHaveLength(2);
    expect(await measureIds({ ...options, only: /nothing/ })).toEqual([]);
  }, 60_000);
});
