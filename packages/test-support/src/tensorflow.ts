import { availableParallelism } from 'node:os';
import {
  type LoadedTensorFlow,
  loadTensorFlow,
  prepareEnvironment,
} from '@gru4rec/engine-tensorflow/runtime';

/** TensorFlow for tests, loaded into this process, or why it is missing. */
export type TensorFlowForTests =
  | { readonly loaded: LoadedTensorFlow; readonly missing?: never }
  | { readonly loaded?: never; readonly missing: string };

/**
 * Loads TensorFlow from the folder that the variable GRU4REC_TENSORFLOW names. `.ci/run` sets one up.
 * @param environment - `process.env`. `prepareEnvironment` changes it.
 */
export function tensorFlowForTests(environment: Record<string, string | undefined>): TensorFlowForTests {
  const { GRU4REC_TENSORFLOW: folder } = environment;
  if (!folder) return { missing: 'GRU4REC_TENSORFLOW names no folder of `gru4rec setup tensorflow`' };
  prepareEnvironment(environment, availableParallelism());
  try {
    return { loaded: loadTensorFlow({ device: 'cpu', folder }) };
  } catch (error) {
    return { missing: (error as Error).message };
  }
}
