import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { runCudaPackCommand } from '../src/cuda-pack.ts';

const programs = ['python3', 'xz', 'tar', 'cc', 'bash', 'sha256sum'];
const missing = programs.filter((program) => spawnSync(program, ['--version']).status !== 0);
const name = 'tensorflow-wheel-gpu-2.18.1-linux-x64';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-cuda-pack-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  vi.stubEnv('GRU4REC_TENSORFLOW', join(folder, 'runtimes'));
  onTestFinished(() => void vi.unstubAllEnvs());
  return folder;
}

async function pack(...words: string[]) {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  const status = await runCudaPackCommand(words, { resolvePath: String, print: note, complain: note });
  return { status, text: lines.join('\n') };
}

/** Writes a runtime for a GPU as `setUpTensorFlow` writes it. */
function writeRuntime(runtimes: string): void {
  const write = (path: string, contents: string) => {
    mkdirSync(dirname(join(runtimes, name, path)), { recursive: true });
    writeFileSync(join(runtimes, name, path), contents);
  };
  const tfjs = 'node_modules/@tensorflow/tfjs-node';
  write(`${tfjs}/package.json`, JSON.stringify({ version: '4.22.0', main: 'dist/index.js' }));
  write(`${tfjs}/deps/lib/libtensorflow_cc.so.2`, 'library');
  write(`${tfjs}/deps/nvidia/cublas/lib/libcublas.so.12`, 'packed on request');
  write(`${tfjs}/deps/nvidia/cublas/lib/libnvblas.so.12`, 'not opened');
  write(`${tfjs}/deps/nvidia/cufft/lib/libcufft.so.11`, 'not packed');
}

it('says that no runtime is set up', async () => {
  const folder = temporaryFolder();
  expect(await pack('--output', join(folder, 'packed'))).toEqual({
    status: 1,
    text: `cuda-pack: ${join(folder, 'runtimes')} has no such TensorFlow: gru4rec setup tensorflow`,
  });
});

it('packs what runs recorded runs far from the repository, with the libraries that are there', async (ctx) => {
  if (missing.length > 0) ctx.skip(`no ${missing.join(', ')}`);
  const folder = temporaryFolder();
  writeRuntime(join(folder, 'runtimes'));
  vi.stubEnv('XZ_OPT', '-0');
  const [packed, day] = [join(folder, 'packed'), join(folder, 'day')];
  const only = ['app', 'node', 'tensorflow', 'cublas'];
  const { status, text } = await pack('--output', packed, '--only', ...only);
  expect(status, text).toBe(0);
  mkdirSync(day);
  execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: packed });
  for (const part of readdirSync(packed).filter((file) => file.includes('.tar.xz.')))
    execFileSync('tar', ['-xJf', join(packed, part), '-C', day]);
  const ran = spawnSync(
    'sh',
    [
      join(day, 'run.sh'),
      'golden',
      join(day, 'files/packages/test-support/golden'),
      '--engine',
      'wasm',
      '--only',
      '^xe-one',
    ],
    {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: day },
    },
  );
  expect(ran.stdout, ran.stderr).toMatch(/pass\n1 passed, 0 failed\n$/);
  expect(ran.stderr).toBe('libcufft.so.11 is missing: an empty library replaces it\n');
  const runtime = join(day, 'runtimes', name, 'node_modules/@tensorflow/tfjs-node');
  expect(readdirSync(join(day, 'cuda')).map((link) => readlinkSync(join(day, 'cuda', link)))).toEqual([
    join(runtime, 'deps/nvidia/cublas/lib/libcublas.so.12'),
    join(day, 'empty.so'),
  ]);
  expect(readdirSync(join(runtime, 'deps/lib'))).toEqual(['libtensorflow_cc.so.2']);
}, 300_000);
