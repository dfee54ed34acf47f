import { UsageError } from '@gru4rec/checks';
import { setUpTensorFlow } from '@gru4rec/engine-tensorflow/runtime';
import { buildNativeKernels } from '@gru4rec/engine-wasm/native';
import {
  type ArgumentsOf,
  argument,
  type Command,
  flag,
  oneOf,
  parsed,
  required,
} from '../arguments/options.ts';
import { cacheFolder } from '../engines/choose-engine.ts';
import { leaveOnSignal } from '../terminal/leave-on-signal.ts';
import type { Terminal } from '../terminal/terminal.ts';

const options = {
  what: argument('WHAT', required(oneOf(['tensorflow', 'kernels'], 'What to set up'))),
  gpu: flag('With CUDA’s libraries, for an NVIDIA GPU'),
  version: parsed('Version of TensorFlow; the tested one if not given', parseVersion),
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 setup tensorflow [options]\n$0 setup kernels\n\n' +
    'tensorflow: sets up a TensorFlow runtime for the engines tensorflow and cuda, once for all projects in $GRU4REC_CACHE (else gru4rec in your cache), and checks that it computes. Needs npm, pip, a C++ compiler (the one in $CXX) and Linux on x64; elsewhere, npm install @tensorflow/tfjs-node.\n' +
    'kernels: compiles native kernels for the engine wasm with the C compiler (cc, gcc or clang, or the one in $CC). It takes no options.',
  options,
  examples: ['tensorflow', 'tensorflow --gpu', 'kernels'],
  run: (args: Arguments, terminal) =>
    args.what === 'kernels' ? setUpKernels(args, terminal) : setUpRuntime(args, terminal),
};

function parseVersion(version: string, label: string): string {
  if (/^\d+\.\d+\.\d+[\w.-]*$/.test(version)) return version;
  throw new UsageError(`${label} expected one such as 2.15.1, got ${JSON.stringify(version)}`);
}

async function setUpKernels(args: Arguments, { stdout, stderr }: Terminal): Promise<void> {
  refuseRuntimeOptions(args);
  const stay = leaveOnSignal();
  const { kernels, instructionSets, compiled } = await buildNativeKernels({
    environment: process.env,
    onProgress: (line) => stderr.write(`${line}\n`),
  }).finally(stay);
  const state = compiled ? 'are compiled' : 'were compiled already';
  const sets = `Native kernels for ${instructionSets.join(' and ')}`;
  stdout.write(`${sets} ${state}, ${kernels.instructionSet} runs: ${kernels.path}\n`);
}

function refuseRuntimeOptions({ gpu, version }: Arguments): void {
  const name = gpu ? 'gpu' : version === undefined ? undefined : 'version';
  if (name !== undefined) throw new UsageError(`--${name} is for setup tensorflow, not for setup kernels`);
}

async function setUpRuntime(args: Arguments, terminal: Terminal): Promise<void> {
  const { gpu, version } = args;
  const { stdout, stderr } = terminal;
  const stay = leaveOnSignal();
  const { runtime, answer, created } = await setUpTensorFlow({
    folder: cacheFolder(),
    environment: process.env,
    gpu,
    version,
    onProgress: (line) => stderr.write(`${line}\n`),
  }).finally(stay);
  const state = created ? 'is set up' : 'was set up already';
  const computes = answer.usesGpu ? 'it computes on the GPU' : 'it computes on the CPU';
  const versions = `TensorFlow ${answer.tensorflowVersion} with tfjs-node ${answer.version}`;
  stdout.write(`${versions} ${state}, ${computes}: ${runtime.directory}\n`);
  if (gpu && !answer.usesGpu)
    stderr.write('Warning: it sees no GPU here; docs/cuda.md says what to look at\n');
}
