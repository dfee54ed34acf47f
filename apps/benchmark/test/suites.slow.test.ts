import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { measureEpochs } from '../src/suites/epoch.ts';
import { measurePreparation } from '../src/suites/prepare.ts';
import { measureServing } from '../src/suites/serve.ts';

const options = { rounds: 1, engine: { threads: 1 }, only: /./, seconds: 0.5, events: 2_000 };

it('trains and prepares without the peers, and says that they are not installed', async () => {
  vi.stubEnv('GRU4REC_PEERS', join(tmpdir(), 'gru4rec-no-such-folder'));
  onTestFinished(() => void vi.unstubAllEnvs());
  const rows = [
    ...(await measureEpochs({ ...options, only: /16 units/ })),
    ...(await measurePreparation(options)),
  ];
  expect(rows.map(({ missing }) => missing.map(({ name }) => name))).toEqual([
    [expect.stringMatching(/^cornac==.*, torch==/)],
    [expect.stringMatching(/^polars==/)],
  ]);
  const [trained, prepared] = rows.map(({ contestants }) => contestants[0]?.correctness);
  expect(trained?.['loss']).toBeGreaterThan(0);
  expect(prepared?.['trainEvents']).toBeGreaterThan(0);
});

it('measures a server from its start, at saturation and at a rate', async () => {
  const rows = await measureServing(options, [{ items: 60, units: 8, events: 3000, rate: 1000 }]);
  expect(rows.map(({ name, unit }) => [name, unit])).toEqual([
    ['60 items × 8 units, start to ready', 's'],
    ['60 items × 8 units, saturation, 64 connections', 'requests/s'],
    ['60 items × 8 units, 1,000 requests/s: latency, p99', 'ms'],
  ]);
  const { figure, correctness } = rows[2]?.contestants[0] ?? {};
  expect(correctness).toMatchObject({ requests: 500, serverCpuMs: expect.any(Number) });
  expect(figure?.median).toBe(correctness?.['p99Ms']);
});
