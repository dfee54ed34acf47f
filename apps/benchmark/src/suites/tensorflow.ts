import { createTensorFlowEngine } from '@gru4rec/engine-tensorflow';
import type { Device, LoadedTensorFlow } from '@gru4rec/engine-tensorflow/runtime';
import type { Engine } from '@gru4rec/program';
import { type ComparisonRow, type ContestOptions, measureContest, measureEach, timed } from '../contest.ts';
import { createChosenEngine } from '../engine-choice.ts';
import { measuredStep, StepTrainer } from '../steps.ts';

const WARM_UP_STEPS = 32;
const usual = [measuredStep('cross-entropy', {}), measuredStep('bpr-max', { units: 224, batchSize: 80 })];
/** A wide shape, and larger batches, which a GPU needs to be busy. */
const large = [{ units: 512, batchSize: 128 }, ...[64, 128, 256, 512].map((batchSize) => ({ batchSize }))];

/** Measures training steps with TensorFlow's devices and wasm, taking turns. @param device - `gpu`: beside the CPU. */
export function measureTensorFlow(
  options: ContestOptions,
  device: Device,
  { tensorflow, tensorflowVersion = 'of unknown version', version }: LoadedTensorFlow,
): Promise<ComparisonRow[]> {
  const devices: readonly Device[] = device === 'gpu' ? ['gpu', 'cpu'] : ['cpu'];
  const engines = (): { name: string; engine: Engine }[] => [
    ...devices.map((of) => ({
      name: `TensorFlow on the ${of.toUpperCase()}`,
      engine: createTensorFlowEngine({ tensorflow, device: of }),
    })),
    { name: 'wasm', engine: createChosenEngine(options.engine) },
  ];
  const engine = `TensorFlow ${tensorflowVersion}, tfjs-node ${version}`;
  const wide = device === 'gpu' ? large.map((sizes) => measuredStep('cross-entropy', sizes)) : [];
  return measureEach([...usual, ...wide], options.only, async ({ name, config }) => {
    const row = { suite: 'tensorflow', name, unit: 'steps/s', better: 'more', engine } as const;
    const trainers: StepTrainer[] = [];
    try {
      const entrants = engines().map((one) => {
        const trainer = new StepTrainer(config, one.engine);
        trainers.push(trainer);
        trainer.train(WARM_UP_STEPS);
        const correctness = { [`lossAfter${WARM_UP_STEPS}Steps`]: trainer.loss };
        return timed(
          one.name,
          trainer.train,
          { perWindow: WARM_UP_STEPS, seconds: options.seconds },
          correctness,
        );
      });
      return await measureContest(row, entrants, options);
    } finally {
      for (const { runtime } of trainers) runtime.dispose();
    }
  });
}
