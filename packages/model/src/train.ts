import { setImmediate } from 'node:timers/promises';
import { SessionParallelBatcher } from '@gru4rec/batcher';
import type { Engine, Runtime, Variable } from '@gru4rec/program';
import { PopularitySampler } from '@gru4rec/sampler';
import { type ModelConfig, stepConfig } from './config.ts';
import type { EpochRecord } from './epoch-record.ts';
import { Gru4Rec } from './gru4rec.ts';
import { initializeVariables } from './initialize.ts';
import { buildTrainStep } from './step.ts';
import type { StoredTensor } from './stored-tensor.ts';
import type { TrainingData } from './training-data.ts';
import { TrainingStep } from './training-step.ts';

/** Where training stands. */
export interface StepProgress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Events fed in this epoch so far, of `eventsPerEpoch`. */
  readonly events: number;
  readonly eventsPerEpoch: number;
  /** Mean loss of an event in this epoch so far. */
  readonly loss: number;
}

/** How a training run reports. */
export interface TrainOptions {
  readonly engine: Engine;
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Called about ten times a second. */
  readonly onStep?: (progress: StepProgress) => void;
}

/** The loss became NaN or infinite; nothing of the run is kept. */
export class NonFiniteLossError extends Error {
  override readonly name = 'NonFiniteLossError';

  constructor(epoch: number, step: number, loss: number, lastFinite: number | undefined) {
    const last =
      lastFinite === undefined ? 'no step had a finite one' : `the last finite one was ${lastFinite}`;
    super(
      `train: the loss became ${loss} in epoch ${epoch}, step ${step}; ${last}. ` +
        'Lower learningRate or momentum, or set bpreg lower.',
    );
  }
}

/** Milliseconds between two reports, and between two turns of the event loop. */
const REPORT_MS = 100;

/**
 * Trains a model from scratch. The same data, configuration and engine give the same model.
 *
 * @returns the trained model, with its optimiser state.
 * @throws NonFiniteLossError naming epoch, step and last finite loss.
 * @throws RangeError if there is nothing to train on, `support` does not fit the items, or the last step left
 *   a parameter that is not finite.
 */
export async function train(
  data: TrainingData,
  config: ModelConfig,
  options: TrainOptions,
): Promise<Gru4Rec> {
  const { engine } = options;
  if (data.support.length !== data.itemIds.length) {
    throw new RangeError(
      `train: "support" expected ${data.itemIds.length} entries, one an item id, got ${data.support.length}`,
    );
  }
  const runtime = engine.load([buildTrainStep(stepConfig(config), data.itemIds.length)]);
  try {
    initializeVariables(runtime, data.support, config.seed);
    const history = await runEpochs(runtime, data, config, options);
    return new Gru4Rec({ config, engine, itemIds: data.itemIds, history, tensors: storedTensors(runtime) });
  } finally {
    runtime.dispose();
  }
}

/**
 * Copies of everything that a trained model keeps: parameters, tables and optimiser slots.
 * @throws RangeError if one is not finite: no loss has seen what the last step wrote.
 */
function storedTensors(runtime: Runtime): StoredTensor[] {
  const kept = (v: Variable): boolean => v.kind === 'parameter' || v.kind === 'table' || v.kind === 'slot';
  return runtime.variables.filter(kept).map(({ name, kind, rows, cols }) => {
    const values = Float32Array.from(runtime.read(name));
    if (!values.every(Number.isFinite)) {
      throw new RangeError(
        `train: "${name}" holds NaN or infinity after the last step. Lower learningRate or momentum.`,
      );
    }
    return { name, kind, rows, cols, values };
  });
}

async function runEpochs(
  runtime: Runtime,
  data: TrainingData,
  config: ModelConfig,
  options: TrainOptions,
): Promise<EpochRecord[]> {
  const { batchSize, nSample, nEpochs, seed } = config;
  const batcher = new SessionParallelBatcher({
    ...data.train,
    batchSize,
    order: config.sessionOrder,
    seed,
    minLiveSlots: nSample > 0 ? 1 : 2,
  });
  if (batcher.eventsPerEpoch === 0) {
    throw new RangeError(
      nSample > 0
        ? 'train: expected sessions of two or more events, got none. Nothing follows anything.'
        : 'train: expected two or more sessions of two or more events, as nSample is 0, got fewer.',
    );
  }
  const sampler = { support: data.support, alpha: config.sampleAlpha, seed };
  const negatives = nSample > 0 ? new PopularitySampler(sampler) : undefined;
  const epochRun = new EpochRun(new TrainingStep(runtime, stepConfig(config), seed), config, negatives);
  const history: EpochRecord[] = [];
  for (let epoch = 1; epoch <= nEpochs; epoch++) {
    batcher.startEpoch(epoch - 1);
    const record = await epochRun.run(batcher, epoch, options);
    history.push(record);
    options.onEpoch?.(record);
  }
  return history;
}

/** Runs epochs over one step; counts steps over all of them. */
class EpochRun {
  private readonly step: TrainingStep;
  private readonly config: ModelConfig;
  private readonly negatives: PopularitySampler | undefined;
  private readonly samples: Int32Array | undefined;
  private stepsDone = 0;
  private lastFinite: number | undefined;

  constructor(step: TrainingStep, config: ModelConfig, negatives: PopularitySampler | undefined) {
    this.step = step;
    this.config = config;
    this.negatives = negatives;
    this.samples = negatives && new Int32Array(config.nSample);
  }

  async run(batcher: SessionParallelBatcher, epoch: number, { onStep }: TrainOptions): Promise<EpochRecord> {
    const { batchSize, learningRate, nEpochs } = this.config;
    const { eventsPerEpoch } = batcher;
    const start = performance.now();
    let reported = start;
    let steps = 0;
    let events = 0;
    let lossSum = 0;
    for (let batch = batcher.next(); batch; batch = batcher.next()) {
      if (this.samples) this.negatives?.sample(this.stepsDone, this.samples);
      const loss = this.step.run(batch, this.samples, this.stepsDone, learningRate);
      if (!Number.isFinite(loss)) throw new NonFiniteLossError(epoch, steps + 1, loss, this.lastFinite);
      this.lastFinite = loss;
      lossSum += loss * batchSize;
      events += batch.liveSlots;
      steps++;
      this.stepsDone++;
      if (performance.now() - reported < REPORT_MS) continue;
      onStep?.({ epoch, epochs: nEpochs, events, eventsPerEpoch, loss: lossSum / events });
      await setImmediate();
      reported = performance.now();
    }
    const seconds = (performance.now() - start) / 1000;
    const rates = { stepsPerSecond: steps / seconds, eventsPerSecond: events / seconds };
    return { epoch, loss: lossSum / events, seconds, steps, events, ...rates };
  }
}
