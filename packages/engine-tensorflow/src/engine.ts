import type { Engine, Program } from '@gru4rec/program';
import type { TensorFlowModule } from '@gru4rec/tensorflow-runtime';
import { SessionRuntime, type TensorFlowRuntime } from './runtime.ts';
import { Session } from './session.ts';
import { writeModel } from './write-model.ts';

/** The module, the device and the number of steps per call. */
export interface TensorFlowEngineOptions {
  /** The module of `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
  readonly tensorflow: TensorFlowModule;
  /** `cpu` if not given. */
  readonly device?: 'cpu' | 'gpu';
  /** Steps that `runSteps` makes in one call, 1 to 64; 1 if not given. */
  readonly stepsPerCall?: number;
}

/** An engine whose runtimes can make several steps in one call. */
export interface TensorFlowEngine extends Engine {
  /** Where variables are stored and float ops run. */
  readonly device: 'cpu' | 'gpu';
  /** The number of steps that `runSteps` accepts besides 1. */
  readonly stepsPerCall: number;
  load(programs: readonly Program[]): TensorFlowRuntime;
}

/** Names of the engine on the CPU and on a GPU. */
export const TENSORFLOW_ENGINE = { cpu: 'tensorflow', gpu: 'cuda' } as const;

const devices = { cpu: '/device:CPU:0', gpu: '/device:GPU:0' } as const;

/**
 * Runs programs as TensorFlow graphs, with one native call per step. Variables stay on the device; a call transfers only
 * the step's inputs and outputs.
 */
export function createTensorFlowEngine(options: TensorFlowEngineOptions): TensorFlowEngine {
  const { tensorflow, device = 'cpu', stepsPerCall = 1 } = options;
  return {
    name: TENSORFLOW_ENGINE[device],
    device,
    stepsPerCall,
    load(programs) {
      const model = writeModel(programs, { device: devices[device], stepsPerCall });
      return new SessionRuntime(model, () => new Session(tensorflow, model.bytes));
    },
  };
}
