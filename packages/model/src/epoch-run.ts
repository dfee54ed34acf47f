import { setImmediate } from 'node:timers/promises';
import type { Batch, SessionParallelBatcher } from '@gru4rec/batcher';
import type { PopularitySampler } from '@gru4rec/sampler';
import type { ModelConfig } from './config.ts';
import type { EpochRecord } from './epoch-record.ts';
import { learningRateAt } from './learning-rate.ts';
import type { TrainingStep } from './training-step.ts';

/** Where training stands. */
export interface StepProgress {
  /** From 1. */
  readonly epoch: number;
  /** The last epoch of the run. */
  readonly epochs: number;
  /** Events fed in this epoch so far, of `eventsPerEpoch`. */
  readonly events: number;
  readonly eventsPerEpoch: number;
  /** Mean loss of an event in this epoch so far. */
  readonly loss: number;
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

/** What epochs run on. */
export interface EpochParts {
  readonly step: TrainingStep;
  readonly batcher: SessionParallelBatcher;
  /** Absent where nothing is sampled. */
  readonly negatives: PopularitySampler | undefined;
  readonly config: ModelConfig;
  /** Epochs and steps of the training that this run goes on from. */
  readonly before: { readonly epochs: number; readonly steps: number };
}

/** Milliseconds between two reports, and between two turns of the event loop. */
const REPORT_MS = 100;

/** Runs epochs over one step; counts steps over all of them. */
export class EpochRun {
  private readonly parts: EpochParts;
  private readonly samples: Int32Array | undefined;
  private readonly carryOn: Float32Array | undefined;
  private stepsDone = 0;
  private lastFinite: number | undefined;

  constructor(parts: EpochParts) {
    const { config, negatives } = parts;
    this.parts = parts;
    this.samples = negatives && new Int32Array(Number(config.nSample));
    this.carryOn = config.resetAfterSession ? undefined : new Float32Array(config.batchSize);
  }

  /** @param epoch - from 1, the epochs before this run included. */
  async run(epoch: number, onStep?: (progress: StepProgress) => void): Promise<EpochRecord> {
    const { batcher, config, before } = this.parts;
    const { eventsPerEpoch } = batcher;
    const start = performance.now();
    let reported = start;
    let steps = 0;
    let events = 0;
    let lossSum = 0;
    for (let batch = batcher.next(); batch; batch = batcher.next()) {
      const share = (epoch - before.epochs - 1 + events / eventsPerEpoch) / config.nEpochs;
      const loss = this.step(batch, share);
      if (!Number.isFinite(loss)) throw new NonFiniteLossError(epoch, steps + 1, loss, this.lastFinite);
      this.lastFinite = loss;
      lossSum += loss * config.batchSize;
      events += batch.liveSlots;
      steps++;
      if (performance.now() - reported < REPORT_MS) continue;
      const epochs = before.epochs + config.nEpochs;
      onStep?.({ epoch, epochs, events, eventsPerEpoch, loss: lossSum / events });
      await setImmediate();
      reported = performance.now();
    }
    const seconds = (performance.now() - start) / 1000;
    const rates = { stepsPerSecond: steps / seconds, eventsPerSecond: events / seconds };
    return { epoch, loss: lossSum / events, seconds, steps, events, ...rates };
  }

  private step(batch: Batch, share: number): number {
    const { config, negatives, before, step } = this.parts;
    const count = before.steps + this.stepsDone;
    if (this.samples) negatives?.sample(count, this.samples);
    const learningRate = learningRateAt(config, this.stepsDone, share);
    // The hidden state is 0 at the start of every epoch, carried on or not.
    const fed = this.carryOn && batch.step > 0 ? { ...batch, resetMask: this.carryOn } : batch;
    this.stepsDone++;
    return step.run(fed, this.samples, count, learningRate);
  }
}
