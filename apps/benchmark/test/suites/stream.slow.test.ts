import { describe, expect, it } from 'vitest';
import { measureStreams } from '../../src/suites/stream.ts';

const options = { rounds: 1, engine: { threads: 1 }, peerDirectory: 'nowhere', events: 2_000 };

describe('measureStreams', () => {
  it('trains the same parameters from disk and in memory, each in its own process', async () => {
    const [row, ...others] = await measureStreams({ ...options, only: /^small.*shuffled/ });
    expect(others).toEqual([]);
    expect(row).toMatchObject({ suite: 'stream', best: 'in memory', missing: [] });
    const { loss, events, parameters, mebibytes } = row?.ours.correctness ?? {};
    expect(row?.peers[0]?.correctness).toMatchObject({ loss, events, parameters });
    expect(mebibytes).toBeGreaterThan(20);
  });

  it('measures nothing that was not asked for', async () => {
    expect(await measureStreams({ ...options, only: /^none/ })).toEqual([]);
  });
});
