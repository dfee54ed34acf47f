import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { ComparisonRow } from '../src/comparison.ts';
import { lossConfigs } from '../src/workload.ts';

const app = fileURLToPath(new URL('../', import.meta.url));

it('measures training steps and losses in its own process, with equal losses fused and composed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-'));
  const start = ['--import', 'tsx', '--conditions=@gru4rec/source', 'src/main.ts', 'benchmark'];
  const brief = ['--seconds', '0.05', '--rounds', '1', '--force', '--json', 'figures.json'];
  const words = ['--suite', 'step', 'loss', ...brief];
  const { stdout } = await promisify(execFile)(process.execPath, [...start, ...words], {
    cwd: app,
    env: { ...process.env, INIT_CWD: folder, NODE_OPTIONS: '' },
  });
  expect(stdout).toContain('\nstep ');
  const { comparisons } = JSON.parse(readFileSync(join(folder, 'figures.json'), 'utf8'));
  rmSync(folder, { recursive: true });
  const rows = (suite: string) => (comparisons as ComparisonRow[]).filter((row) => row.suite === suite);
  expect(rows('step').length).toBe(2);
  for (const { ours, peers } of rows('step')) {
    const [fused, composed] = [ours, ...peers].map(({ correctness }) => correctness);
    expect(Number(fused?.lossAfter20Steps) / Number(composed?.lossAfter20Steps)).toBeCloseTo(1, 5);
    expect(fused?.ops).toBeLessThan(Number(composed?.ops));
    expect(ours.figure.median).toBeGreaterThan(1);
  }
  expect(rows('loss').length).toBe(lossConfigs.length);
  for (const { name, ours, peers } of rows('loss')) {
    expect(ours.name).toBe(/^(cross-entropy|bpr-max),/.test(name) ? 'kernel' : 'composed');
    expect(peers.length).toBe(ours.name === 'kernel' ? 1 : 0);
    for (const { correctness } of peers)
      expect(Number(ours.correctness.loss) / Number(correctness.loss)).toBeCloseTo(1, 5);
    expect(ours.figure.median).toBeGreaterThan(1);
  }
});
