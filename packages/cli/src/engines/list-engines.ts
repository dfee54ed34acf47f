import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/kernels-native';
import { checkDevice, type Places } from '@gru4rec/tensorflow-runtime';
import { describeError } from '../terminal/describe-error.ts';
import { commandLine, programName } from '../terminal/invocation.ts';
import { count } from '../terminal/progress.ts';
import { readVersion } from '../version.ts';
import type { NamedEngine } from './engines.ts';

/** Availability of an engine on this machine. */
export interface EngineState {
  readonly name: NamedEngine;
  readonly available: boolean;
  readonly version?: string;
  /** Device that it computes on. */
  readonly device?: string;
  /** Why it does not run. */
  readonly problem?: string;
  /** Command that would make it run, or run faster. */
  readonly command?: string;
}

/** Tries every engine. Native ones run in separate processes, so that a crash does not end this one. */
export async function listEngines(places: Places): Promise<readonly EngineState[]> {
  return [
    wasmState(),
    await tensorFlowState('tensorflow', places),
    await tensorFlowState('cuda', places),
    stateOf('reference', () => {
      createReferenceEngine();
      return 'CPU, 1 thread, float64';
    }),
  ];
}

/** The default engine. It always runs; without native kernels the state has the command that compiles them. */
function wasmState(): EngineState {
  const native = findNativeKernels();
  const state = stateOf('wasm', () => {
    const { threads, relaxed, instructionSet } = createWasmEngine({ native: native.kernels });
    const simd = relaxed ? 'relaxed SIMD' : 'SIMD';
    const kernels = native.kernels
      ? `native kernels (${instructionSet})`
      : `WebAssembly kernels, no native ones: ${native.reason}`;
    return `CPU, ${count(threads, 'thread')}, ${simd}, ${kernels}`;
  });
  if (native.kernels || !native.lacksAddon) return state;
  return { ...state, command: commandLine(['setup', 'kernels'], programName()) };
}

function stateOf(name: NamedEngine, deviceOf: () => string): EngineState {
  try {
    return { name, available: true, version: readVersion(), device: deviceOf() };
  } catch (error) {
    return { name, available: false, problem: describeError(error) };
  }
}

async function tensorFlowState(name: 'tensorflow' | 'cuda', places: Places): Promise<EngineState> {
  const gpu = name === 'cuda';
  const check = await checkDevice(gpu ? 'gpu' : 'cpu', places);
  if (!check.works) {
    const command = commandLine(['setup', 'tensorflow', ...(gpu ? ['--gpu'] : [])], programName());
    const { problem, lacksRuntime } = check;
    return { name, available: false, problem, ...(lacksRuntime ? { command } : {}) };
  }
  const { tensorflowVersion, version } = check.answer;
  const versions = `TensorFlow ${tensorflowVersion}, tfjs-node ${version}`;
  return { name, available: true, version: versions, device: gpu ? 'GPU' : 'CPU, all cores' };
}
