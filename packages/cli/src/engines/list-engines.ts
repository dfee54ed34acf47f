import { checkDevice, type Places } from '@gru4rec/engine-tensorflow/runtime';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import type { NamedEngine } from './choose-engine.ts';

/** Availability of an engine on this machine. */
export interface EngineState {
  readonly name: NamedEngine;
  readonly available: boolean;
  /** Of TensorFlow; the other engines have that of their package. */
  readonly version?: string;
  readonly device?: string;
  /** Why it does not run: a text or an error. */
  readonly problem?: unknown;
  /** Arguments of the command `setup` that would make it run, or run faster. */
  readonly setup?: readonly string[];
}

/** Tries every engine. Native ones run in separate processes, so that a crash does not end this one. */
export function listEngines(places: Places): readonly EngineState[] {
  return [
    wasmState(),
    tensorFlowState('tensorflow', places),
    tensorFlowState('cuda', places),
    stateOf('reference', () => {
      createReferenceEngine();
      return 'CPU, 1 thread, float64';
    }),
  ];
}

/** The default engine. It always runs; without native kernels the state says how they are compiled. */
function wasmState(): EngineState {
  const native = findNativeKernels();
  const state = stateOf('wasm', () => {
    const { threads, relaxed, instructionSet } = createWasmEngine({ native: native.kernels });
    const simd = relaxed ? 'relaxed SIMD' : 'SIMD';
    const kernels = native.kernels
      ? `native kernels (${instructionSet})`
      : `WebAssembly kernels, no native ones: ${native.reason}`;
    return `CPU, ${threads === 1 ? '1 thread' : `${threads} threads`}, ${simd}, ${kernels}`;
  });
  if (native.kernels || !native.lacksAddon) return state;
  return { ...state, setup: ['kernels'] };
}

function stateOf(name: NamedEngine, deviceOf: () => string): EngineState {
  try {
    return { name, available: true, device: deviceOf() };
  } catch (problem) {
    return { name, available: false, problem };
  }
}

function tensorFlowState(name: 'tensorflow' | 'cuda', places: Places): EngineState {
  const gpu = name === 'cuda';
  const check = checkDevice(gpu ? 'gpu' : 'cpu', places);
  if (!check.works) {
    const { problem, lacksRuntime } = check;
    return {
      ...{ name, available: false, problem },
      ...(lacksRuntime && { setup: ['tensorflow', ...(gpu ? ['--gpu'] : [])] }),
    };
  }
  const { tensorflowVersion, version } = check.answer;
  const versions = `TensorFlow ${tensorflowVersion}, tfjs-node ${version}`;
  return { name, available: true, version: versions, device: gpu ? 'GPU' : 'CPU, all cores' };
}
