import type { Device, LoadedTensorFlow } from '@gru4rec/tensorflow-runtime';
import type { ComparisonRow, ContestOptions } from '../contest.ts';

/** The options of all suites. */
export interface SuiteOptions extends ContestOptions {
  readonly seconds: number;
}

/** A part of the benchmark. */
export interface Suite {
  /** Loads its code and measures. @param loaded - of a suite with a device. */
  readonly measure: (options: SuiteOptions, loaded: LoadedTensorFlow) => Promise<ComparisonRow[]>;
  /** The device that TensorFlow must support, which is loaded before anything is measured. */
  readonly device?: Device;
}

const onTensorFlow = (device: Device): Suite => ({
  device,
  measure: async (options, loaded) =>
    (await import('./tensorflow.ts')).measureTensorFlow({ ...options, loaded, device }),
});

/** All suites by name. */
export const suites: Readonly<Record<string, Suite>> = {
  parts: { measure: async (options) => (await import('./parts.ts')).measureParts(options) },
  epoch: { measure: async (options) => (await import('./epoch.ts')).measureEpochs(options) },
  prepare: { measure: async (options) => (await import('./prepare.ts')).measurePreparation(options) },
  evaluation: { measure: async (options) => (await import('./evaluation.ts')).measureEvaluations(options) },
  recommend: { measure: async (options) => (await import('./recommend.ts')).measureRecommendations(options) },
  serve: { measure: async (options) => (await import('./serve.ts')).measureServing(options) },
  tensorflow: onTensorFlow('cpu'),
  cuda: onTensorFlow('gpu'),
};
