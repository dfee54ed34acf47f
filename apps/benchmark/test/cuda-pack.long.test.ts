import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { runCudaPackCommand } from '../src/cuda-pack.ts';

it('reproduces the recorded runs with the packed Node and the CPU library, far from the repository', async (ctx) => {
  if (!process.env.GRU4REC_TENSORFLOW) {
    return ctx.skip('GRU4REC_TENSORFLOW names no folder of `gru4rec setup tensorflow`');
  }
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-cuda-pack-long-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }), 120_000);
  vi.stubEnv('XZ_OPT', '-0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const [packed, day] = [join(folder, 'packed'), join(folder, 'day')];
  const surroundings = { resolvePath: String, print: () => {}, complain: () => {} };
  expect(await runCudaPackCommand(['--output', packed, '--cpu'], surroundings)).toBe(0);
  mkdirSync(day);
  for (const name of new Set(readdirSync(packed).map((file) => file.split('.')[0]))) {
    if (name === 'SHA256SUMS') continue;
    execFileSync('sh', ['-c', `cat "$0".* | tar -xJC "$1"`, join(packed, `${name}.tar.xz`), day]);
  }
  rmSync(packed, { recursive: true });
  const goldens = join(day, 'files/packages/test-support/golden');
  const ran = spawnSync('sh', [join(day, 'run.sh'), 'golden', goldens, '--engine', 'tensorflow'], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', HOME: day },
  });
  expect(ran.stdout, ran.stderr).toMatch(/\n\d+ passed, 0 failed\n$/);
}, 1_800_000);
