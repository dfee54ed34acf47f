import type { Engine, Program } from '@gru4rec/program';
import type { TensorFlowModule } from '@gru4rec/tensorflow-runtime';
import { SessionRuntime, type TensorFlowRuntime } from './runtime.ts';
import { Session } from './session.ts';
import { writeModel } from './write-model.ts';

/** What the engine runs on. */
export interface TensorFlowEngineOptions {
  /** The module of `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
  readonly tensorflow: TensorFlowModule;
  /** `cpu` if not given. */
  readonly device?: 'cpu' | 'gpu';
  /** How many steps `runSteps` makes in one call; 1 if not given. */
  readonly stepsPerCall?: number;
}

/** An engine whose runtimes can make several steps in one call. */
export interface TensorFlowEngine extends Engine {
  readonly device: 'cpu' | 'gpu';
  readonly stepsPerCall: number;
  load(programs: readonly Program[]): TensorFlowRuntime;
}

/** Names of the engine on a processor and on a GPU. */
export const TENSORFLOW_ENGINE = { cpu: 'tensorflow', gpu: 'cuda' } as const;

const devices = { cpu: '/device:CPU:0', gpu: '/device:GPU:0' } as const;
/** A step is written out once for each of them. */
const MOST_STEPS = 64;

/**
 * Runs programs as TensorFlow graphs: one native call a step. Variables live on the device; only a step's inputs go in
 * and its outputs come out.
 *
 * @throws RangeError if `stepsPerCall` is no integer from 1 to 64.
 */
export function createTensorFlowEngine(options: TensorFlowEngineOptions): TensorFlowEngine {
  const { tensorflow, device = 'cpu', stepsPerCall = 1 } = options;
  if (!(Number.isInteger(stepsPerCall) && stepsPerCall >= 1 && stepsPerCall <= MOST_STEPS)) {
    throw new RangeError(
      `createTensorFlowEngine: "stepsPerCall" expected an integer from 1 to ${MOST_STEPS}, got ${stepsPerCall}`,
    );
  }
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
