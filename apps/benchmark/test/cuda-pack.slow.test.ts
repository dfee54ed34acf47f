import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { expect, it, onTestFinished, vi } from 'vitest';
import { runCudaPackCommand } from '../src/cuda-pack.ts';

const folder = testFolder();
const programs = ['python3', 'xz', 'tar', 'cc', 'bash', 'sha256sum'];
const missing = programs.filter((program) => spawnSync(program, ['--version']).status !== 0);

it('packs what repeats recorded runs far from the repository, with the CUDA libraries that are there', async (ctx) => {
  if (missing.length > 0) ctx.skip(`no ${missing.join(', ')}`);
  // A runtime for a GPU as `gru4rec setup tensorflow --gpu` writes it.
  const tfjs = 'runtimes/tensorflow-wheel-gpu-2.18.1-linux-x64/node_modules/@tensorflow/tfjs-node';
  const files = {
    'package.json': JSON.stringify({ version: '4.22.0', main: 'dist/index.js' }),
    'deps/lib/libtensorflow_cc.so.2': 'library',
    'deps/nvidia/cublas/lib/libcublas.so.12': 'packed on request',
    'deps/nvidia/cufft/lib/libcufft.so.11': 'not packed',
  };
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, tfjs, path)), { recursive: true });
    writeFileSync(join(folder, tfjs, path), contents);
  }
  vi.stubEnv('GRU4REC_TENSORFLOW', join(folder, 'runtimes'));
  vi.stubEnv('XZ_OPT', '-0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const [packed, day] = [join(folder, 'packed'), join(folder, 'day')];
  const words = ['--output', packed, '--only', 'app', 'node', 'tensorflow', 'cublas'];
  const surroundings = { resolvePath: String, print: () => {}, complain: () => {} };
  expect(await runCudaPackCommand(words, surroundings)).toBe(0);
  mkdirSync(day);
  execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: packed });
  for (const part of readdirSync(packed).filter((file) => file.includes('.tar.xz.')))
    execFileSync('tar', ['-xJf', join(packed, part), '-C', day]);
  const goldens = join(day, 'files/packages/test-support/golden');
  const command = [join(day, 'run.sh'), 'golden', goldens, '--engine', 'wasm', '--only', '^xe-one'];
  const env = { PATH: process.env.PATH, HOME: day };
  const { stdout, stderr } = spawnSync('sh', command, { encoding: 'utf8', env });
  expect(stdout, stderr).toMatch(/pass\n1 passed, 0 failed\n$/);
  expect(stderr).toBe('libcufft.so.11 is missing: an empty library replaces it\n');
  expect(readdirSync(join(day, 'cuda')).map((link) => readlinkSync(join(day, 'cuda', link)))).toEqual([
    join(day, tfjs, 'deps/nvidia/cublas/lib/libcublas.so.12'),
    join(day, 'empty.so'),
  ]);
});
