import { createTensorFlowEngine } from '@gru4rec/engine-tensorflow';
import type { Engine } from '@gru4rec/program';
import type { Device, LoadedTensorFlow } from '@gru4rec/tensorflow-runtime';
import { type ComparisonRow, measureContest, measureEach, type PartOptions, timed } from '../contest.ts';
import { createChosenEngine } from '../engine-choice.ts';
import { StepTrainer } from '../step-trainer.ts';
import { describeRuntime } from '../tensorflow.ts';
import { describeConfig, drawSteps, type MeasuredConfig, resized, stepConfigs } from '../workload.ts';

/** What TensorFlow's steps are measured with. */
export interface TensorFlowOptions extends PartOptions {
  readonly loaded: LoadedTensorFlow;
  /** `gpu` is measured beside the CPU. */
  readonly device: Device;
}

const WARM_UP_STEPS = 32;
const names = { cpu: 'TensorFlow on the CPU', gpu: 'TensorFlow on the GPU' } as const;
const usual: readonly MeasuredConfig[] = Object.values(stepConfigs);
/** A wide shape, and larger batches, which a GPU needs to be busy. */
const large = [{ units: 512, batchSize: 128 }, ...[64, 128, 256, 512].map((batchSize) => ({ batchSize }))];

/** Measures training steps with TensorFlow's devices and wasm, taking turns. */
export function measureTensorFlow(options: TensorFlowOptions): Promise<ComparisonRow[]> {
  const { loaded, device, seconds } = options;
  const configs = device === 'gpu' ? [...usual, ...large.map(resized)] : usual;
  const devices = device === 'gpu' ? (['gpu', 'cpu'] as const) : (['cpu'] as const);
  const engines = () => [
    ...devices.map((of) => ({
      name: names[of],
      engine: createTensorFlowEngine({ tensorflow: loaded.tensorflow, device: of }) as Engine,
    })),
    { name: 'wasm', engine: createChosenEngine(options.engine) as Engine },
  ];
  const rows = configs.map((config) => ({ name: describeConfig(config), config }));
  return measureEach(rows, options.only, async ({ name, config }) => {
    const inputs = drawSteps(config);
    const row = { suite: 'tensorflow', name, unit: 'steps/s', better: 'more' } as const;
    const trainers: StepTrainer[] = [];
    try {
      const entrants = engines().map((one) => {
        const trainer = new StepTrainer(config, inputs, one.engine);
        trainers.push(trainer);
        trainer.train(WARM_UP_STEPS);
        const correctness = { [`lossAfter${WARM_UP_STEPS}Steps`]: trainer.loss };
        return timed(one.name, trainer.train, { perWindow: WARM_UP_STEPS, seconds }, correctness);
      });
      return await measureContest({ ...row, engine: describeRuntime(loaded) }, entrants, options);
    } finally {
      for (const { runtime } of trainers) runtime.dispose();
    }
  });
}
