import { setImmediate } from 'node:timers/promises';
import type { Batch, Batcher } from '@gru4rec/batcher';
import type { PopularitySampler } from '@gru4rec/sampler';
import type { ModelConfig } from '../config.ts';
import type { EpochRecord } from './epoch-record.ts';
import { learningRateAt } from './learning-rate.ts';
import type { Pauses } from './pauses.ts';
import type { EarlierTraining, EpochProgress, TrainingCursor } from './training-snapshot.ts';
import type { TrainingStep } from './training-step.ts';
import type { ZeroLoss } from './zero-loss.ts';

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
  readonly batcher: Batcher;
  /** Absent where nothing is sampled. */
  readonly negatives: PopularitySampler | undefined;
  readonly config: ModelConfig;
  readonly before: EarlierTraining;
  readonly pauses: Pauses;
  readonly zeroLoss: ZeroLoss;
  /** Where an interrupted run stood; its epoch is the first to be run, and `batcher` stands there. */
  readonly resumed?: TrainingCursor | undefined;
}

/** Milliseconds between two reports, and between two turns of the event loop. */
const REPORT_MS = 100;

/** Runs epochs over one step; counts steps over all of them. */
export class EpochRun {
  private readonly parts: EpochParts;
  private readonly samples: Int32Array | undefined;
  private readonly carryOn: Float32Array | undefined;
  private ended: TrainingCursor | undefined;
  private stepsDone: number;
  private lastFinite: number | undefined;
  /** Of the last report. */
  private reportedMs = performance.now();

  constructor(parts: EpochParts) {
    const { config, negatives, resumed } = parts;
    this.parts = parts;
    this.samples = negatives && new Int32Array(Number(config.nSample));
    this.carryOn = config.resetAfterSession ? undefined : new Float32Array(config.batchSize);
    this.stepsDone = resumed?.steps ?? 0;
    this.lastFinite = resumed?.lastFiniteLoss;
  }

  /**
   * @param epoch - from 1, the epochs before this run included.
   * @throws TrainingStopped between two steps, or before the first.
   */
  async run(epoch: number, onStep?: (progress: StepProgress) => void): Promise<EpochRecord> {
    const { batcher, config, before, pauses } = this.parts;
    const begun = await this.begin(epoch);
    const { eventsPerEpoch } = batcher;
    let { steps, events, lossSum } = begun;
    const start = performance.now() - begun.seconds * 1000;
    const seconds = (): number => (performance.now() - start) / 1000;
    for (;;) {
      if (pauses.due(this.stepsDone)) {
        await pauses.pause(this.cursor({ epoch, steps, events, lossSum, seconds: seconds() }));
      }
      const filling = batcher.fill();
      if (filling) await filling;
      const batch = batcher.next();
      if (!batch) break;
      const share = (epoch - before.epochs - 1 + events / eventsPerEpoch) / config.nEpochs;
      const loss = this.step(batch, share);
      if (!Number.isFinite(loss)) throw new NonFiniteLossError(epoch, steps + 1, loss, this.lastFinite);
      this.lastFinite = loss;
      lossSum += loss * config.batchSize;
      events += batch.liveSlots;
      steps++;
      if (performance.now() - this.reportedMs < REPORT_MS) continue;
      const epochs = before.epochs + config.nEpochs;
      onStep?.({ epoch, epochs, events, eventsPerEpoch, loss: lossSum / events });
      await setImmediate();
      this.reportedMs = performance.now();
    }
    const progress = { epoch, steps, events, lossSum, seconds: seconds() };
    this.ended = this.cursor(progress);
    return recordOf(progress);
  }

  /**
   * Lets the event loop turn every tenth of a second, for work between two epochs.
   * @returns what is to be waited for; it throws TrainingStopped, with a snapshot of the end of the last epoch.
   */
  pauseBetween(): Promise<void> | undefined {
    if (performance.now() - this.reportedMs < REPORT_MS) return undefined;
    return this.turn();
  }

  private async turn(): Promise<void> {
    const { pauses } = this.parts;
    await setImmediate();
    this.reportedMs = performance.now();
    if (this.ended && pauses.stopped) await pauses.pause(this.ended);
  }

  /** An epoch's first step, or what was done of the one that was interrupted. */
  private async begin(epoch: number): Promise<EpochProgress> {
    const { batcher, resumed } = this.parts;
    if (resumed?.epoch.epoch === epoch) return resumed.epoch;
    await batcher.startEpoch(epoch - 1);
    return { epoch, steps: 0, events: 0, lossSum: 0, seconds: 0 };
  }

  private cursor(epoch: EpochProgress): TrainingCursor {
    return { steps: this.stepsDone, epoch, lastFiniteLoss: this.lastFinite };
  }

  private step(batch: Batch, share: number): number {
    const { config, negatives, before, step, batcher, zeroLoss } = this.parts;
    const count = before.steps + this.stepsDone;
    if (this.samples) negatives?.sample(count, this.samples);
    const learningRate = learningRateAt(config, this.stepsDone, share);
    // The hidden state is 0 at the start of every epoch, carried on or not.
    const fed = this.carryOn && batch.step > 0 ? { ...batch, resetMask: this.carryOn } : batch;
    this.stepsDone++;
    const loss = step.run(fed, this.samples, count, learningRate);
    zeroLoss.observe(batch, this.samples, batcher.eventsPerEpoch);
    return loss;
  }
}

function recordOf({ epoch, steps, events, lossSum, seconds }: EpochProgress): EpochRecord {
  // Infinity would be null in the JSON of a model.
  const per = seconds > 0 ? seconds : Number.POSITIVE_INFINITY;
  const rates = { stepsPerSecond: steps / per, eventsPerSecond: events / per };
  return { epoch, loss: lossSum / events, seconds, steps, events, ...rates };
}
