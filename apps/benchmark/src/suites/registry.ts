import type { Device, LoadedTensorFlow } from '@gru4rec/tensorflow-runtime';
import type { ComparisonRow } from '../comparison.ts';
import type { SuiteFigures } from '../report.ts';
import type { ContestOptions } from './contest.ts';
import type { TensorFlowOptions } from './tensorflow.ts';

/** The options of all suites. */
export interface SuiteOptions extends ContestOptions {
  readonly seconds: number;
  readonly memoryLimit: string;
  readonly peerMemory: number;
}

/** A part of the benchmark. */
export interface Suite {
  readonly measure: (options: SuiteOptions, loaded: LoadedTensorFlow | undefined) => Promise<SuiteFigures>;
  /** The device that TensorFlow must support. */
  readonly device?: Device;
}

/** Numbers of steps per call of TensorFlow to try in addition to one. */
const stepsPerCall = [2, 4, 8, 16];

/** A suite whose code is loaded when it runs. */
const rows = (load: () => Promise<(options: SuiteOptions) => Promise<ComparisonRow[]>>): Suite => ({
  measure: async (options) => ({ comparisons: await (await load())(options) }),
});

/** A suite whose device makes the command load TensorFlow before it measures anything. */
function onTensorFlow(
  device: Device,
  measure: (options: Omit<TensorFlowOptions, 'devices'>) => Promise<SuiteFigures>,
): Suite {
  return {
    device,
    measure: async (options, loaded) => (loaded ? measure({ ...options, loaded, stepsPerCall }) : {}),
  };
}

/** All suites by name. */
export const suites: Readonly<Record<string, Suite>> = {
  parts: rows(async () => (await import('./parts.ts')).measureParts),
  epoch: rows(async () => (await import('./epoch.ts')).measureEpochs),
  prepare: rows(async () => (await import('./prepare.ts')).measurePreparation),
  scale: rows(async () => (await import('./prepare.ts')).measureScale),
  evaluation: rows(async () => (await import('./evaluation.ts')).measureEvaluations),
  recommend: rows(async () => (await import('./recommend.ts')).measureRecommendations),
  serve: rows(async () => (await import('./serve.ts')).measureServing),
  tensorflow: onTensorFlow('cpu', async (options) => ({
    comparisons: await (await import('./tensorflow.ts')).measureTensorFlow({ ...options, devices: ['cpu'] }),
  })),
  cuda: onTensorFlow('gpu', async (options) => (await import('./cuda.ts')).measureCuda(options)),
};
