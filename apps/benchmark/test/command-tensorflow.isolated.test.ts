import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { runBenchmark } from '../src/command.ts';
import { measureParts } from '../src/parts/measure-parts.ts';

vi.mock('../src/parts/measure-parts.ts', () => ({ measureParts: vi.fn() }));

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'benchmark-'));
  vi.stubEnv('INIT_CWD', project);
  vi.stubEnv('GRU4REC_TENSORFLOW', '');
  return () => {
    vi.unstubAllEnvs();
    vi.clearAllMocks();
    rmSync(project, { recursive: true });
  };
});

async function run(...words: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runBenchmark(words, {
    resolvePath: (path) => join(project, path),
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
    loadProblem: () => undefined,
  });
  return { status, out, err };
}

/** Installs what passes for a tfjs-node: a library that writes down that it was loaded, and answers 1 to all graphs. */
function install(name: string, usesGpu: boolean): { readonly wasLoaded: () => boolean } {
  const directory = join(project, 'node_modules', ...name.split('/'));
  mkdirSync(directory, { recursive: true });
  const facts = { name, version: '4.22.0', main: 'index.js' };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(facts));
  writeFileSync(
    join(directory, 'index.js'),
    `require.cache[require('path').join(__dirname, 'tfjs_binding.node')] = module;
    if (process.pid === ${process.pid}) require('fs').writeFileSync(__dirname + '/loaded', '');
    const one = () => ({ dataSync: () => Float32Array.of(1), dispose() {} });
    module.exports = {
      version: { 'tfjs-node': '4.22.0' },
      tensor: one,
      matMul: () => ({ dataSync: () => [7, 10, 15, 22] }),
      backend: () => ({
        isUsingGpuDevice: ${usesGpu},
        binding: { TF_Version: '2.15.1' },
        loadSavedModelMetaGraph: () => 1,
        runSavedModel: (id, inputs, infos, names) => names.map(one),
        deleteSavedModel() {},
      }),
    };`,
  );
  return { wasLoaded: () => existsSync(join(directory, 'loaded')) };
}

describe('runBenchmark with TensorFlow', () => {
  it.each([
    [['--suite', 'parts', 'cuda'], 'a GPU', ' --gpu'],
    [['--suite', 'parts', 'tensorflow'], 'the CPU', ''],
    [['--suite', 'parts', 'tensorflow', 'cuda'], 'a GPU', ' --gpu'],
    [['--suite', 'parts', 'epoch', '--engine', 'tensorflow'], 'the CPU', ''],
  ])('ends %j with 1 and one line before it measures anything', async (words, where, option) => {
    const { status, out, err } = await run(...words);
    expect({ status, out }).toEqual({ status: 1, out: [] });
    expect(measureParts).not.toHaveBeenCalled();
    expect(err).toEqual([expect.stringMatching(/^benchmark: No TensorFlow runtime computes on .*\.$/)]);
    expect(err[0]).toContain(`computes on ${where} here`);
    expect(err[0]).toContain(`gru4rec setup tensorflow${option},`);
  });

  it('measures both suites on the runtime of the GPU, of the two that are there', async () => {
    writeFileSync(join(project, 'package.json'), JSON.stringify({ dependencies: { gru4rec: '0.2.0' } }));
    const cpu = install('@tensorflow/tfjs-node', false);
    const gpu = install('@tensorflow/tfjs-node-gpu', true);
    const brief = [
      '--only',
      '^cross-entropy, 100 units, batch 32',
      '--seconds',
      '0.01',
      '--rounds',
      '1',
      '--json',
      'figures.json',
    ];
    const { status, err } = await run('--suite', 'tensorflow', 'cuda', ...brief);
    expect({ status, err: err.at(-1) }).toMatchObject({ status: 0 });
    expect([gpu.wasLoaded(), cpu.wasLoaded()]).toEqual([true, false]);
    const { comparisons } = JSON.parse(readFileSync(join(project, 'figures.json'), 'utf8'));
    expect(comparisons.map((row: { ours: { name: string } }) => row.ours.name)).toEqual([
      'TensorFlow on the CPU',
      'TensorFlow on the GPU',
    ]);
  });
});
