import { createTensorFlowEngine } from '@gru4rec/engine-tensorflow';
import type { Device, LoadedTensorFlow } from '@gru4rec/engine-tensorflow/runtime';
import type { Engine } from '@gru4rec/program';
import {
  type ComparisonRow,
  type Contestant,
  type ContestOptions,
  measureContest,
  measureEach,
} from '../contest.ts';
import { createChosenEngine, loadForDevice } from '../engine-choice.ts';
import { ratesOf, summarize } from '../measure.ts';
import { measuredStep, StepTrainer } from '../steps.ts';

const WARM_UP_STEPS = 32;
const usual = [measuredStep('cross-entropy', {}), measuredStep('bpr-max', { units: 224, batchSize: 80 })];
/** A wide shape, and larger batches, which a GPU needs to be busy. */
const large = [{ units: 512, batchSize: 128 }, ...[64, 128, 256, 512].map((batchSize) => ({ batchSize }))];

/** Measures training steps with TensorFlow's devices and wasm, taking turns. @param device - `gpu`: beside the CPU. */
export function measureTensorFlow(
  options: ContestOptions,
  device: Device,
  loaded: LoadedTensorFlow = loadForDevice(device),
): Promise<ComparisonRow[]> {
  const { tensorflow, tensorflowVersion = 'of unknown version', version } = loaded;
  const devices: readonly Device[] = device === 'gpu' ? ['gpu', 'cpu'] : ['cpu'];
  const engines = (): [string, Engine][] => [
    ...devices.map((of): [string, Engine] => [
      `TensorFlow on the ${of.toUpperCase()}`,
      createTensorFlowEngine({ tensorflow, device: of }),
    ]),
    ['wasm', createChosenEngine(options.engine)],
  ];
  const engine = `TensorFlow ${tensorflowVersion}, tfjs-node ${version}`;
  const wide = device === 'gpu' ? large.map((sizes) => measuredStep('cross-entropy', sizes)) : [];
  return measureEach([...usual, ...wide], options.only, async ({ name, config }) => {
    const contest = { suite: 'tensorflow', name, unit: 'steps/s', better: 'more', engine } as const;
    const trainers = engines().map(([of, engine]) => ({ of, trainer: new StepTrainer(config, engine) }));
    const entrants = trainers.map(({ of, trainer }): Contestant => {
      trainer.train(WARM_UP_STEPS);
      const correctness = { [`lossAfter${WARM_UP_STEPS}Steps`]: trainer.loss };
      const rates = () => ratesOf(trainer.train, WARM_UP_STEPS, options.seconds);
      return { name: of, take: async () => ({ value: summarize(rates()).median, correctness }) };
    });
    try {
      return await measureContest(contest, entrants, options);
    } finally {
      for (const { trainer } of trainers) trainer.runtime.dispose();
    }
  });
}
