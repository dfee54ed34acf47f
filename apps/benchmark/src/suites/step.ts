import { type ComparisonRow, timed } from '../comparison.ts';
import { WasmStepTrainer } from '../step-trainer.ts';
import { describeConfig, drawSteps, stepConfigs } from '../workload.ts';
import { measureContest, measureEach, type PartOptions } from './contest.ts';

const FIRST_STEPS = 20;

/** Measures steps of both configurations, on one thread by default. The loss as one kernel and composed take turns. */
export function measureSteps(options: PartOptions): Promise<ComparisonRow[]> {
  const engine = { threads: 1, relaxed: false, ...options.engine };
  const named = Object.values(stepConfigs).map((config) => ({ name: describeConfig(config), config }));
  return measureEach(named, options.only, ({ name, config }) => {
    const inputs = drawSteps(config);
    // Windows of similar length for both configurations.
    const perWindow = config.loss === 'cross-entropy' ? 50 : 15;
    const contestant = (form: string, fuse: boolean) => {
      const trainer = new WasmStepTrainer(config, inputs, { engine, fuse });
      trainer.train(FIRST_STEPS);
      const ops = trainer.runtime.kernels(trainer.program).length;
      const correctness = { ops, [`lossAfter${FIRST_STEPS}Steps`]: trainer.loss };
      return timed(form, trainer.train, { perWindow, seconds: options.seconds, correctness });
    };
    return measureContest(
      { suite: 'step', name, unit: 'steps/s', better: 'more' },
      [contestant('loss as a kernel', true), contestant('composed loss', false)],
      { ...options, engine },
    );
  });
}
