import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { checkDevice } from '@gru4rec/engine-tensorflow/runtime';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { expectFolder } from '../arguments/folders.ts';
import { type ArgumentsOf, type Command, integer, modelPath } from '../arguments/options.ts';
import { readModel } from '../arguments/read-inputs.ts';
import { chooseEngine, MOST_THREADS, runtimePlaces } from '../engines/choose-engine.ts';
import { listStep } from '../engines/list-step.ts';
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
      const folder = resolve(directory, program);
      await expectFolder('--program', folder, 'a model');
      for (const line of listStep(await readModel(folder), threads)) stdout.write(`${line}\n`);
      return;
    }
    if (threads !== undefined) throw new UsageError('--threads expected --program with it, got none');
    const states = {
      wasm: await stateOfWasm(),
      tensorflow: stateOfTensorFlow('cpu'),
      cuda: stateOfTensorFlow('gpu'),
      reference: `runs: CPU, 1 thread, float64 (${readVersion()})`,
    };
    for (const [name, state] of Object.entries(states)) stdout.write(`${name.padEnd(12)}${state}\n`);
  },
};

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
