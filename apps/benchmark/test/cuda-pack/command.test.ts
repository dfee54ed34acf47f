import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runCudaPackCommand } from '../../src/cuda-pack/command.ts';
import { writeFakeRuntime } from './fake-runtime.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gru4rec-cuda-pack-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  vi.stubEnv('GRU4REC_TENSORFLOW', join(folder, 'runtimes'));
});

async function run(...words: string[]) {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  const surroundings = { resolvePath: String, print: note, complain: note };
  return { status: await runCudaPackCommand(words, surroundings), lines };
}

describe('cuda-pack', () => {
  it('requires an output folder', async () => {
    const { status, lines } = await run();
    expect(status).toBe(2);
    expect(lines).toEqual([expect.stringContaining('output')]);
  });

  it.each(['48', '0MiB', '1.5MiB', 'MiB'])('refuses the part size %s', async (size) => {
    const { status, lines } = await run('--output', folder, '--part-size', size);
    expect(status).toBe(2);
    expect(lines).toEqual([`cuda-pack: "part-size" expected a size such as 48MiB, got ${size}`]);
  });

  it('says how to set up the library that it packs', async () => {
    const { status, lines } = await run('--output', folder);
    expect(status).toBe(1);
    expect(lines).toEqual([
      `cuda-pack: no TensorFlow for the GPU is set up in ${join(folder, 'runtimes')}. ` +
        'Run npm start -- setup tensorflow --gpu --version 2.18.1.',
    ]);
  });

  it('names the CUDA libraries that it could pack', async () => {
    writeFakeRuntime(join(folder, 'runtimes'));
    const { status, lines } = await run('--output', folder, '--with', 'cudnn');
    expect(status).toBe(2);
    expect(lines).toEqual(['cuda-pack: "with" expected cublas, cufft, got cudnn']);
  });
});
