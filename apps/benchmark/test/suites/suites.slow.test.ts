import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ComparisonRow } from '../../src/contest.ts';
import { versionOf } from '../../src/peers/peers.ts';
import { measureEpochs } from '../../src/suites/epoch.ts';
import { measureEvaluations } from '../../src/suites/evaluation.ts';
import { measurePreparation } from '../../src/suites/prepare.ts';
import { measureRecommendations } from '../../src/suites/recommend.ts';

const nowhere = mkdtempSync(join(tmpdir(), 'benchmark-'));
beforeEach(() => {
  vi.stubEnv('GRU4REC_PEERS', nowhere);
  return () => vi.unstubAllEnvs();
});
afterAll(() => rmSync(nowhere, { recursive: true }));
const options = {
  rounds: 1,
  engine: { threads: 1 },
  only: /./,
  seconds: 0.1,
  events: 2_000,
};

describe('suites without an installed peer', () => {
  function expectAlone([row]: readonly ComparisonRow[], ...peers: ('cornac' | 'pandas' | 'polars')[]): void {
    expect(row?.ours.figure.median).toBeGreaterThan(0);
    expect(row?.ratio).toBeUndefined();
    expect(row?.missing.map(({ name }) => name)).toEqual(peers.map(versionOf));
  }

  it('train ours', async () => {
    const rows = await measureEpochs({ ...options, only: /16 units, batch 32/ });
    expectAlone(rows, 'cornac');
    expect(rows[0]?.ours.correctness['loss']).toBeGreaterThan(0);
  });

  it('rank with ours', async () => {
    const rows = await measureEvaluations({ ...options, only: /3,000 items/ });
    expectAlone(rows, 'cornac');
    expect(rows[0]?.ours.correctness['recall']).toBeGreaterThanOrEqual(0);
  });

  it('prepare with ours', async () => {
    const rows = await measurePreparation(options);
    expect(rows.map(({ name, leastRatio }) => `${name}: ${leastRatio}`)).toEqual([
      'TSV of 2,000 events, 30,000 items, beside polars: 0.8',
      'TSV of 2,000 events, 30,000 items, beside pandas: 2',
      'JSON Lines of 2,000 events, 30,000 items, beside polars: 0.8',
      'JSON Lines of 2,000 events, 30,000 items, beside pandas: 2',
    ]);
    expectAlone(rows, 'polars');
    expectAlone(rows.slice(1), 'pandas');
    expect(rows[2]?.ours.correctness).toEqual(rows[0]?.ours.correctness);
    expect(rows[0]?.ours.correctness['trainEvents']).toBeGreaterThan(0);
  });

  it('recommend with ours', async () => {
    const rows = await measureRecommendations({ ...options, only: /100,000 items/ });
    expectAlone(rows, 'cornac');
    expect(rows[0]?.ours.correctness).toEqual({ recommended: 20 });
  });
});
