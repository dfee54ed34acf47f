import type { Device, LoadedTensorFlow } from '@gru4rec/tensorflow-runtime';
import type { ComparisonRow } from '../comparison.ts';
import type { SuiteFigures } from '../report.ts';
import { measureBatcher } from './batcher.ts';
import type { ContestOptions } from './contest.ts';
import { measureCuda } from './cuda.ts';
import { measureEpochs } from './epoch.ts';
import { measureEvaluations } from './evaluation.ts';
import { measureIds } from './ids.ts';
import { measureLearning } from './learn.ts';
import { measureLosses } from './loss.ts';
import { measurePreparation, measureScale } from './prepare.ts';
import { measureRecommendations } from './recommend.ts';
import { measureSampler } from './sampler.ts';
import { measureServing } from './serve.ts';
import { measureStarts } from './start.ts';
import { measureSteps } from './step.ts';
import { measureStreams } from './stream.ts';
import { measureSweep } from './sweep.ts';
import { measureTensorFlow } from './tensorflow.ts';
import { measureThreads } from './threads.ts';

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

/** All suites by name. Those that take about a minute come first. */
export const suites: Readonly<Record<string, Suite>> = {
  step: rows(measureSteps),
  loss: rows(measureLosses),
  sampler: rows(measureSampler),
  batcher: rows(measureBatcher),
  epoch: rows(measureEpochs),
  prepare: rows(measurePreparation),
  scale: rows(measureScale),
  evaluation: rows(measureEvaluations),
  recommend: rows(measureRecommendations),
  ids: rows(measureIds),
  stream: rows(measureStreams),
  start: rows(measureStarts),
  serve: rows(measureServing),
  learn: rows(measureLearning),
  sweep: { measure: async (options) => ({ sweep: measureSweep(options) }) },
  threads: rows(measureThreads),
  tensorflow: onTensorFlow('cpu', async (options) => ({
    comparisons: await measureTensorFlow({ ...options, devices: ['cpu'] }),
  })),
  cuda: onTensorFlow('gpu', measureCuda),
};
