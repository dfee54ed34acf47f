import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { lossConfigs } from '../src/workload.ts';

const app = fileURLToPath(new URL('../', import.meta.url));

it('measures training steps and losses in its own process, with equal losses fused and composed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-'));
  const start = ['--import', 'tsx', '--conditions=@gru4rec/source', 'src/main.ts'];
  const brief = ['--seconds', '0.05', '--rounds', '1', '--force', '--json', 'figures.json'];
  const words = ['--suite', 'step', 'loss', ...brief];
  const { stdout } = await promisify(execFile)(process.execPath, [...start, ...words], {
    cwd: app,
    env: { ...process.env, INIT_CWD: folder, NODE_OPTIONS: '' },
  });
  expect(stdout).toContain('Skipped:\n  prototype: no folder given, see --prototype');
  const { steps, losses } = JSON.parse(readFileSync(join(folder, 'figures.json'), 'utf8'));
  rmSync(folder, { recursive: true });
  expect(steps.length).toBe(2);
  for (const { correctness, ops, composedOps, stepsPerSecond } of steps) {
    expect(correctness.loss / correctness.composedLoss).toBeCloseTo(1, 5);
    expect(ops).toBeLessThan(composedOps);
    expect(stepsPerSecond.median).toBeGreaterThan(1);
  }
  expect(losses.length).toBe(lossConfigs.length);
  for (const { name, correctness, fused, composed } of losses) {
    expect(correctness.loss / correctness.composedLoss).toBeCloseTo(1, 5);
    expect(fused !== undefined).toBe(/^(cross-entropy|bpr-max),/.test(name));
    expect(composed.median).toBeGreaterThan(1);
  }
});
