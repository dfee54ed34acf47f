import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import util from 'node:util';
import { EngineUnavailableError } from '@gru4rec/program';
import { findRuntimes, type Places } from './find-runtimes.ts';
import { type Answer, probeRuntime, probeRuntimeSync } from './probe-runtime.ts';
import type { RuntimeCandidate } from './runtime-candidate.ts';
import type { TensorFlowModule } from './tensorflow-module.ts';

/** The processor that a runtime computes on. */
export type Device = 'cpu' | 'gpu';

/** A runtime that is loaded into this process. */
export interface LoadedTensorFlow {
  readonly tensorflow: TensorFlowModule;
  readonly packageName: string;
  /** Version of tfjs-node. */
  readonly version: string;
  /** Version of libtensorflow, if the addon or the manifest says it. */
  readonly tensorflowVersion: string | undefined;
  /** Whether it computes on a GPU. */
  readonly usesGpu: boolean;
  readonly origin: RuntimeCandidate['origin'];
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
  if (device === 'gpu') return loadRuntime(pickRuntime(places));
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

/**
 * Finds the first runtime that computes on a GPU here, trying each in its own process.
 * @throws EngineUnavailableError naming each runtime that was tried, why it does not, and what to do.
 */
export function pickRuntime(places: Places): RuntimeCandidate {
  const failures: string[] = [];
  for (const candidate of candidatesFor('gpu', places)) {
    const probed = probeRuntimeSync(candidate);
    if (probed.works && probed.answer.usesGpu) return candidate;
    failures.push(`${nameOf(candidate)}: ${probed.works ? NO_GPU : probed.problem}`);
  }
  throw unavailable('gpu', places, failures);
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
export async function checkDevice(device: Device, places: Places): Promise<DeviceCheck> {
  const failures: string[] = [];
  for (const runtime of candidatesFor(device, places)) {
    const probed = await probeRuntime(runtime);
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

/** Runtimes that may compute on a device, in the order in which to try them. */
function candidatesFor(device: Device, places: Places): readonly RuntimeCandidate[] {
  const all = findRuntimes(places);
  const forGpu = all.filter(({ gpu }) => gpu);
  return device === 'gpu' ? forGpu : [...all.filter(({ gpu }) => !gpu), ...forGpu];
}

/**
 * Loads one runtime into this process, which can have only one.
 * @throws EngineUnavailableError saying why it does not load.
 */
export function loadRuntime(candidate: RuntimeCandidate): LoadedTensorFlow {
  const { packageName, directory, version, origin, problem } = candidate;
  const refuse = (why: string, cause?: unknown) =>
    new EngineUnavailableError(`${nameOf(candidate)}: ${why}`, { cause });
  if (problem !== undefined) throw refuse(problem);
  const require = createRequire(join(directory, 'package.json'));
  const other = otherAddon(require, directory);
  if (other !== undefined) throw refuse(`this process has loaded ${other} already`);
  let tensorflow: TensorFlowModule;
  try {
    defineIsNullOrUndefined();
    tensorflow = require(directory) as TensorFlowModule;
    const { binding, isUsingGpuDevice } = tensorflow.backend();
    return {
      tensorflow,
      packageName,
      version,
      tensorflowVersion: binding?.TF_Version ?? candidate.tensorflowVersion,
      usesGpu: isUsingGpuDevice,
      origin,
    };
  } catch (cause) {
    throw refuse(
      String((cause as Error).message)
        .split('\n', 1)[0]
        ?.trim() ?? '',
      cause,
    );
  }
}

/**
 * The addon of another runtime that this process has loaded. The libraries of all runtimes have the same names, so a
 * second runtime would be linked to those of the first.
 */
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
  if (packageName === 'unknown') return 'a runtime in the cache folder';
  return `${packageName} ${version} (${origin === 'project' ? 'installed' : 'set up'} in ${directory})`;
}
