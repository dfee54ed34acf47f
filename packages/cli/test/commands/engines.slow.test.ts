import { answering, installFake } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { makeFolder, ok, spawnTrainer } from '../run-trainer.ts';
import { useTinyModel } from '../tiny-shop.ts';

const crash = 'process.kill(process.pid, "SIGSEGV"); setTimeout(() => {}, 9e3);';

describe('trainer engines', () => {
  it('lists the available engines, and how to enable the others', async () => {
    const directory = makeFolder();
    const { code, stdout, stderr } = await spawnTrainer(directory, 'engines');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['wasm', 'tensorflow', 'cuda', 'reference']);
    expect(lines[0]).toMatch(
      /^wasm +runs: CPU, \d+ threads?, (relaxed )?SIMD, (native kernels \(\w+\)|WebAssembly kernels, no native ones: .+) \(\d+\.\d+\.\d+\)(\. To change that: trainer setup kernels)?$/,
    );
    const places = `beside gru4rec or in a project at ${directory} that depends on it`;
    const nothing = `does not run: none is installed ${places} or set up in ${process.env['GRU4REC_CACHE']}`;
    expect(lines[1]).toBe(`tensorflow  ${nothing}. To change that: trainer setup tensorflow`);
    expect(lines[2]).toBe(`cuda        ${nothing}. To change that: trainer setup tensorflow --gpu`);
    expect(lines[3]).toMatch(/^reference +runs: CPU, 1 thread, float64/);
  });

  const folder = useTinyModel();
  it.each([1, 2])(
    'shows the calls of a training step on %i threads, with shapes and barriers',
    async (threads) => {
      const { stdout } = await ok(folder(), `engines --program model --threads ${threads}`);
      const [head, , ...calls] = stdout.trimEnd().split('\n');
      expect(head).toMatch(/^A step of .*: \d+ slots, .*, \d+ items; \d+ calls/);
      expect(calls.map((call) => Number(call.slice(0, 4)))).toEqual(calls.map((_, at) => at + 1));
      expect(calls.some((call) => / NN +\d+ rows +rows=.*b=layer0\.Wr\[\d+×\d+\]/.test(call))).toBe(true);
      expect(calls.some((call) => / ADAGRAD_ROWS +all .*table=Wy\[\d+×\d+\]/.test(call))).toBe(true);
    },
  );

  it('survives a native library that crashes', async () => {
    const directory = makeFolder();
    const folder = installFake(directory, '@tensorflow/tfjs-node', crash);
    installFake(directory, '@tensorflow/tfjs-node-gpu', answering(true));
    const lines = async () => (await spawnTrainer(directory, 'engines')).stdout.split('\n');
    const version = 'TensorFlow 2.9.1, tfjs-node 4.22.0';
    expect(await lines()).toEqual([
      expect.stringMatching(/^wasm +runs: /),
      `tensorflow  runs: CPU, all cores (${version})`,
      `cuda        runs: GPU (${version})`,
      expect.stringMatching(/^reference +runs: /),
      '',
    ]);
    installFake(directory, '@tensorflow/tfjs-node-gpu', answering(false));
    expect((await lines())[2]).toMatch(/^cuda +does not run: .*sees no GPU(?!.*To change that)/);
    installFake(directory, '@tensorflow/tfjs-node-gpu', crash);
    expect((await lines())[1]).toContain(
      `${folder}): it ended its process with SIGSEGV; @tensorflow/tfjs-node-gpu`,
    );
  });
});
