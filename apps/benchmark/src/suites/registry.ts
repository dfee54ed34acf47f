import type { Device, LoadedTensorFlow } from '@gru4rec/tensorflow-runtime';
import type { ComparisonRow } from '../comparison.ts';
import type { SuiteFigures } from '../report.ts';
import type { ContestOptions } from './contest.ts';
import { measureCuda } from './cuda.ts';
import { measureEpochs } from './epoch.ts';
import { measureEvaluations } from './evaluation.ts';
import { measureParts } from './parts.ts';
import { measurePreparation, measureScale } from './prepare.ts';
import { measureRecommendations } from './recommend.ts';
import { measureServing } from './serve.ts';
import { measureTensorFlow } from './tensorflow.ts';

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

const rows = (measure: (options: SuiteOptions) => Promise<ComparisonRow[]>): Suite => ({
  measure: async (options) => ({ comparisons: await measure(options) }),
});

/** A suite whose device makes the command load TensorFlow before it measures anything. */
function onTensorFlow(
  device: Device,
  measure: (options: Parameters<typeof measureCuda>[0]) => Promise<SuiteFigures>,
): Suite {
  return {
    device,
    measure: async (options, loaded) => (loaded ? measure({ ...options, loaded, stepsPerCall }) : {}),
  };
}

/** All suites by name. */
export const suites: Readonly<Record<string, Suite>> = {
  parts: rows(measureParts),
  epoch: rows(measureEpochs),
  prepare: rows(measurePreparation),
  scale: rows(measureScale),
  evaluation: rows(measureEvaluations),
  recommend: rows(measureRecommendations),
  serve: rows(measureServing),
  tensorflow: onTensorFlow('cpu', async (options) => ({
    comparisons: await measureTensorFlow({ ...options, devices: ['cpu'] }),
  })),
  cuda: onTensorFlow('gpu', measureCuda),
};
