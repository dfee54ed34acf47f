import { resolve } from 'node:path';
import { checkDevice } from '@gru4rec/engine-tensorflow/runtime';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { buildTrainProgram } from '@gru4rec/model/programs';
import { expectFolder } from '../arguments/folders.ts';
import { type ArgumentsOf, type Command, integer, modelPath } from '../arguments/options.ts';
import { readModel } from '../arguments/read-inputs.ts';
import { chooseEngine, MOST_THREADS, runtimePlaces } from '../engines/choose-engine.ts';
import { describeError } from '../terminal/describe-error.ts';
import { commandLine, programName, readVersion } from '../terminal/invocation.ts';
import { count } from '../terminal/progress.ts';

const options = {
  program: modelPath('Folder of a model'),
  threads: integer(1, 'Number of threads of that step', MOST_THREADS),
};

export const command: Command = {
  usage:
    '$0 engines\n\nTries every engine, native ones in separate processes, and shows which run here. With --program, shows what ' +
    'the engine wasm makes of a training step instead: the calls of its kernels in order, with shapes and barriers.',
  options,
  examples: ['', ['--program model', 'a training step of that model']],
  async run({ program, threads }: ArgumentsOf<typeof options>, { stdout, directory }) {
    if (program !== undefined) {
      for (const line of await listStep(resolve(directory, program), threads)) stdout.write(`${line}\n`);
      return;
    }
    const states = {
      wasm: await stateOfWasm(),
      tensorflow: stateOfTensorFlow('cpu'),
      cuda: stateOfTensorFlow('gpu'),
      reference: `runs: CPU, 1 thread, float64 (${readVersion()})`,
    };
    for (const [name, state] of Object.entries(states)) stdout.write(`${name.padEnd(12)}${state}\n`);
  },
};

/** Without features of items and clicks, whose rows a step adds. */
async function listStep(folder: string, threads: number | undefined): Promise<string[]> {
  await expectFolder('--program', folder, 'a model');
  const { config, itemIds } = await readModel(folder);
  const program = buildTrainProgram(config, itemIds.length);
  const { kernels: native } = findNativeKernels();
  const runtime = createWasmEngine({ threads, native }).load([program]);
  const lines = runtime.listing(program.name);
  const barriers = lines.filter((line) => line.startsWith('BARRIER')).length;
  const { loss, batchSize, nSample, layers } = config;
  const head =
    `A step of ${loss}: ${batchSize} slots, ${nSample} samples, layers ${layers.join(', ')}, ${count(itemIds.length, 'item')}; ` +
    `${count(lines.length - barriers, 'call')}, ${count(barriers, 'barrier')}, ${count(runtime.memoryBytes, 'byte')}`;
  runtime.dispose();
  return [
    head,
    `     ${'kernel'.padEnd(20)} ${'threads'.padEnd(10)} arguments`,
    ...lines.map((line, at) => `${String(at + 1).padStart(4)} ${line}`),
  ];
}

async function stateOfWasm(): Promise<string> {
  const native = findNativeKernels();
  const { threads, relaxed, kernels } = (await chooseEngine('wasm')).facts;
  const used = native.kernels
    ? `native kernels (${kernels})`
    : `WebAssembly kernels, no native ones: ${native.reason}`;
  const simd = relaxed ? 'relaxed SIMD' : 'SIMD';
  const advice = native.kernels || !native.lacksAddon ? '' : toChange('kernels');
  return `runs: CPU, ${count(Number(threads), 'thread')}, ${simd}, ${used} (${readVersion()})${advice}`;
}

function stateOfTensorFlow(device: 'cpu' | 'gpu'): string {
  const check = checkDevice(device, runtimePlaces());
  if (check.works) {
    const { tensorflowVersion, version } = check.answer;
    const place = device === 'gpu' ? 'GPU' : 'CPU, all cores';
    return `runs: ${place} (TensorFlow ${tensorflowVersion}, tfjs-node ${version})`;
  }
  const { problem, lacksRuntime } = check;
  const reason = typeof problem === 'object' ? describeError(problem) : problem;
  const advice = lacksRuntime ? toChange('tensorflow', ...(device === 'gpu' ? ['--gpu'] : [])) : '';
  return `does not run: ${reason}${advice}`;
}

function toChange(...setup: readonly string[]): string {
  return `. To change that: ${commandLine(['setup', ...setup], programName())}`;
}
