import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { runCudaPackCommand } from '../../src/cuda-pack/command.ts';

const python = '/usr/bin/python3';

it('reproduces the recorded runs with the packed Node and the CPU library, far from the repository', async (ctx) => {
  if (!process.env.GRU4REC_TENSORFLOW) {
    return ctx.skip('GRU4REC_TENSORFLOW names no folder of `gru4rec setup tensorflow`');
  }
  if (!existsSync(python)) return ctx.skip(`no ${python}`);
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-unpack-long-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [packed, bare, home] = [join(folder, 'packed'), join(folder, 'bare'), join(folder, 'home')];
  for (const place of [bare, home]) mkdirSync(place);
  vi.stubEnv('XZ_OPT', '-0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  const surroundings = { resolvePath: String, print: note, complain: note };
  expect(
    await runCudaPackCommand(['--output', packed, '--device', 'cpu'], surroundings),
    lines.join('\n'),
  ).toBe(0);
  for (const file of readdirSync(packed)) cpSync(join(packed, file), join(bare, file));
  rmSync(packed, { recursive: true });
  const unpack = (...words: string[]) =>
    spawnSync(python, ['unpack.py', ...words], {
      cwd: bare,
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', HOME: home },
    });
  const added = unpack('add');
  expect(added.status, added.stdout + added.stderr).toBe(0);
  const { status, stdout } = unpack(
    'run',
    '--device',
    'cpu',
    '--steps',
    'goldens',
    'threads',
    '--',
    '--only=^$',
  );
  expect(stdout).toMatch(/\n\d+ passed, 0 failed\n== goldens: exit code 0/);
  expect(status, stdout).toBe(0);
}, 1_800_000);
