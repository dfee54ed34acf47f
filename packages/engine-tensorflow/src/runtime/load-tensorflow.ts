import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import util from 'node:util';
import { EngineUnavailableError } from '@gru4rec/program';
import { findRuntimes, type Places, type RuntimeCandidate } from './find-runtimes.ts';
import type { TensorFlowModule } from './tensorflow-module.ts';

/** The processor that a runtime computes on. */
export type Device = 'cpu' | 'gpu';

/**
 * Sets the variables that TensorFlow reads when it is loaded, unless the user has set them.
 *
 * - It writes nothing to standard error, because failures are exceptions.
 * - Each op uses half of the cores, because ops already run in parallel: with both of two cores a training step took a third
 *   longer, and ranking was no faster.
 * - A GPU multiplies in float32. From Ampere on, TensorFlow would otherwise round to TF32, with errors of 1e-3.
 *
 * @param environment - `process.env`. It is changed.
 * @param cores - number of cores of this machine.
 */
export function prepareEnvironment(environment: Record<string, string | undefined>, cores: number): void {
  environment['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  environment['TF_NUM_INTRAOP_THREADS'] ??= String(Math.max(1, Math.floor(cores / 2)));
  environment['NVIDIA_TF32_OVERRIDE'] ??= '0';
}

/** A runtime that is loaded into this process. */
export interface LoadedTensorFlow {
  readonly tensorflow: TensorFlowModule;
  /** Version of tfjs-node. */
  readonly version: string;
  /** Version of libtensorflow, if the addon or the name of the runtime's folder says it. */
  readonly tensorflowVersion: string | undefined;
}

/**
 * Finds a TensorFlow runtime and loads it into this process, where it stays until the process ends. For a GPU, each
 * runtime is first tried in its own process, because one that sees no GPU would keep the next from loading here.
 *
 * The native library reads the environment when it is loaded, so call `prepareEnvironment` first.
 *
 * @throws EngineUnavailableError naming each runtime that was tried, why it is not available, and what to do.
 */
export function loadTensorFlow(options: Places & { readonly device: Device }): LoadedTensorFlow {
  const { device, ...places } = options;
  if (device === 'gpu') {
    const check = checkDevice(device, places);
    if (check.works) return loadRuntime(check.runtime);
    throw check.error;
  }
  const failures: string[] = [];
  for (const candidate of candidatesFor(device, places)) {
    try {
      return loadRuntime(candidate);
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  throw unavailable(device, places, failures);
}

/** Whether a runtime computes on a device here, and if not, why. */
export type DeviceCheck =
  | { readonly works: true; readonly runtime: RuntimeCandidate; readonly answer: Answer }
  | {
      readonly works: false;
      readonly problem: string;
      /** Whether setting up a runtime would help. It would not if one loads but sees no GPU. */
      readonly lacksRuntime: boolean;
      /** The error that `loadTensorFlow` would throw. */
      readonly error: EngineUnavailableError;
    };

/**
 * Determines what `loadTensorFlow` would load, without loading anything into this process, so that a native library
 * that crashes cannot harm it.
 */
export function checkDevice(device: Device, places: Places): DeviceCheck {
  const failures: string[] = [];
  for (const runtime of candidatesFor(device, places)) {
    const probed = probeRuntime(runtime);
    const computes = probed.works && (device === 'cpu' || probed.answer.usesGpu);
    if (computes) return { works: true, runtime, answer: probed.answer };
    failures.push(`${nameOf(runtime)}: ${probed.works ? NO_GPU : probed.problem}`);
  }
  return {
    works: false,
    problem: describeFailures(places, failures),
    lacksRuntime: lacksRuntime(failures),
    error: unavailable(device, places, failures),
  };
}

function candidatesFor(device: Device, places: Places): readonly RuntimeCandidate[] {
  const all = findRuntimes(places);
  const forGpu = all.filter(({ gpu }) => gpu);
  return device === 'gpu' ? forGpu : [...all.filter(({ gpu }) => !gpu), ...forGpu];
}

/** Loads one runtime into this process, which can have only one. @throws EngineUnavailableError saying why it does not load. */
export function loadRuntime(candidate: RuntimeCandidate): LoadedTensorFlow {
  const { directory, version, problem } = candidate;
  const refuse = (why: string, cause?: unknown) =>
    new EngineUnavailableError(`${nameOf(candidate)}: ${why}`, { cause });
  if (problem !== undefined) throw refuse(problem);
  const require = createRequire(join(directory, 'package.json'));
  const other = otherAddon(require, directory);
  if (other !== undefined) throw refuse(`this process has loaded ${other} already`);
  try {
    defineIsNullOrUndefined();
    const tensorflow = require(directory) as TensorFlowModule;
    const { binding } = tensorflow.backend();
    return { tensorflow, version, tensorflowVersion: binding?.TF_Version ?? candidate.tensorflowVersion };
  } catch (cause) {
    const [line = ''] = String((cause as Error).message).split('\n', 1);
    throw refuse(line.trim(), cause);
  }
}

/** The addon of another runtime in this process: the libraries of all have the same names, so a second would be linked to the first's. */
function otherAddon(require: NodeJS.Require, directory: string): string | undefined {
  const addons = Object.keys(require.cache).filter((file) => file.endsWith(`${sep}tfjs_binding.node`));
  // The keys of the module cache are real paths.
  const real = addons.length > 0 ? `${realpathSync(directory)}${sep}` : '';
  return addons.find((file) => !file.startsWith(real));
}

/** Defines a function that tfjs-node 4.22 calls. Node 22 warns about it and Node 23 has removed it. */
function defineIsNullOrUndefined(): void {
  Object.defineProperty(util, 'isNullOrUndefined', {
    value: (value: unknown) => value === null || value === undefined,
    configurable: true,
    writable: true,
  });
}

const NO_GPU = 'it loads, but sees no GPU; check nvidia-smi and docs/cuda.md';

function unavailable(device: Device, places: Places, failures: readonly string[]): EngineUnavailableError {
  const [where, gpu, suffix] = device === 'gpu' ? ['a GPU', ' --gpu', '-gpu'] : ['the CPU', '', ''];
  const advice = ` Set one up with npx gru4rec setup tensorflow${gpu}, or npm install @tensorflow/tfjs-node${suffix} beside gru4rec.`;
  return new EngineUnavailableError(
    `No TensorFlow runtime computes on ${where} here: ${describeFailures(places, failures)}.` +
      (lacksRuntime(failures) ? advice : ''),
  );
}

function lacksRuntime(failures: readonly string[]): boolean {
  return !failures.some((failure) => failure.endsWith(NO_GPU));
}

function describeFailures({ folder, resolveFrom, installedIn }: Places, failures: readonly string[]): string {
  if (failures.length > 0) return failures.join('; ');
  const places = [
    'installed beside gru4rec',
    ...(resolveFrom === undefined ? [] : [`in a project at ${resolveFrom} that depends on it`]),
    ...(installedIn === undefined ? [] : [`in ${installedIn}`]),
    ...(folder === undefined ? [] : [`set up in ${folder}`]),
  ];
  return `none is ${places.join(' or ')}`;
}

function nameOf({ packageName, version, directory, origin }: RuntimeCandidate): string {
  return `${packageName} ${version} (${origin === 'project' ? 'installed' : 'set up'} in ${directory})`;
}

/** What a working runtime reports about itself. */
export interface Answer {
  readonly usesGpu: boolean;
  /** Version of tfjs-node. */
  readonly version: string;
  /** Version of libtensorflow; `unknown` if the addon does not say. */
  readonly tensorflowVersion: string;
}

/** Result of a probe: the runtime's answer, or the reason why it does not work. */
type Probed =
  | { readonly works: true; readonly answer: Answer }
  | { readonly works: false; readonly problem: string };

const script = fileURLToPath(new URL('../../probe/multiply.cjs', import.meta.url));
/** Long, because the first use of a new GPU may compile its kernels. */
const TIMEOUT_MS = 600_000;

/** Loads a runtime in another process, which may crash, and multiplies two matrices with it. Blocks until it has ended. */
export function probeRuntime({
  directory,
  problem,
}: Pick<RuntimeCandidate, 'directory' | 'problem'>): Probed {
  const refuse = (why: string): Probed => ({ works: false, problem: why });
  if (problem !== undefined) return refuse(problem);
  const { error, status, signal, stdout, stderr } = spawnSync(process.execPath, [script, directory], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT') {
    return refuse(`it did not answer within ${TIMEOUT_MS / 1000} s`);
  }
  if (error) return refuse(error.message);
  if (signal !== null) return refuse(`it ended its process with ${signal}`);
  if (status !== 0) return refuse(errorIn(stderr) ?? `it ended with exit code ${status}`);
  const line = stdout.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) return refuse(`it answered ${JSON.stringify(line.slice(0, 200))}`);
  const { product, ...answer } = JSON.parse(line) as Answer & { readonly product: readonly number[] };
  if (String(product) === '7,10,15,22') return { works: true, answer };
  return refuse(`it multiplied two matrices to ${product}, not 7,10,15,22`);
}

function errorIn(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  const thrown = lines.find((line) => /^(?:\w*Error|Error \[\w+\])(?: \[\w+\])?: /.test(line));
  return (thrown ?? lines.findLast((line) => line !== ''))?.replace(/^(?:Uncaught )?Error: /, '');
}
