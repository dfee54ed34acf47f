import { availableParallelism } from 'node:os';
import { type LoadedTensorFlow, loadTensorFlow, prepareEnvironment } from '@gru4rec/tensorflow-runtime';

/** TensorFlow for tests that run it, or why there is none. */
export type TensorFlowForTests =
  | { readonly loaded: LoadedTensorFlow; readonly missing?: never }
  | { readonly loaded?: never; readonly missing: string };

/**
 * Looks in the folder that the environment variable GRU4REC_TENSORFLOW names; `.ci/run` sets one up.
 * @param environment - `process.env`: TensorFlow's library is told in it to write nothing.
 */
export function tensorFlowForTests(environment: Record<string, string | undefined>): TensorFlowForTests {
  const { GRU4REC_TENSORFLOW: folder } = environment;
  if (!folder) return { missing: 'GRU4REC_TENSORFLOW names no folder of `trainer setup tensorflow`' };
  prepareEnvironment(environment, availableParallelism());
  try {
    return { loaded: loadTensorFlow({ device: 'cpu', folder }) };
  } catch (error) {
    return { missing: (error as Error).message };
  }
}
