import type { SessionArrays } from '@gru4rec/batcher';
import { anything, callback, flag, type OptionChecks, required } from '@gru4rec/checks';
import type { Engine } from '@gru4rec/program';
import type { SamplingKernels } from '@gru4rec/sampler';
import type { ModelConfig } from '../config.ts';
import type { Gru4Rec } from '../gru4rec.ts';
import type { CheckpointOptions } from './checkpointer.ts';
import type { EpochRecord } from './epoch-record.ts';
import type { EngineFacts, TrainingSnapshot } from './training-snapshot.ts';

/** An engine, which may also draw and merge samples. */
export type TrainingEngine = Engine & { readonly sampling?: SamplingKernels | undefined };

/** How a training run computes and reports, what it validates on, and what it continues. */
export interface TrainOptions {
  readonly engine: TrainingEngine;
  /** Called after each epoch, once it is validated, with the progress at its end. */
  readonly onEpoch?: ((record: EpochRecord, progress: StepProgress) => void) | undefined;
  /** Called about ten times per second. */
  readonly onStep?: ((progress: StepProgress) => void) | undefined;
  /** Called at the end if the model learnt nothing or, with `keepDiverged`, if training diverged. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Gives the model of a run that diverged, and a warning, instead of a `DivergedError`, as a search needs it. */
  readonly keepDiverged?: boolean | undefined;
  /**
   * Sessions that are not trained on. With `patience` they pick the best epoch, and the parts beside the network are fitted to
   * them. With them, `holdOut` holds out nothing.
   */
  readonly validation?: SessionArrays | undefined;
  /**
   * Held-out sessions of known items to measure after each epoch, without a choice of the best one: `onEpoch` gets the
   * figures. Does not affect training. Not used with `patience`, which measures `validation`.
   */
  readonly monitor?: SessionArrays | undefined;
  /** A model to train for `nEpochs` more. `data.itemIds` must start with its items; see `alignItems`. */
  readonly from?: Gru4Rec | undefined;
  /** Saves checkpoints, from which `resume` continues the run. */
  readonly checkpoint?: CheckpointOptions | undefined;
  /**
   * The snapshot of an interrupted run, which ends as if it had not been. All other arguments must be the same, but the
   * engine: another one, or another number of threads, rounds differently, and training amplifies the difference: the
   * model then differs from that of an undisturbed run as with another seed.
   */
  readonly resume?: TrainingSnapshot | undefined;
  /** Stops training between two steps, of training or of a validation. Checked at least every tenth of a second. */
  readonly signal?: AbortSignal | undefined;
  /** What the bits depend on besides the engine's name, such as its threads. Snapshots record it. */
  readonly engineFacts?: EngineFacts | undefined;
}

export interface RunOptions extends TrainOptions {
  /** The configuration of the whole training, by which a snapshot is recognised. */
  readonly declared: ModelConfig;
}

export const trainChecks: OptionChecks<TrainOptions> = {
  engine: required(anything),
  onEpoch: callback,
  onStep: callback,
  onWarning: callback,
  validation: anything,
  monitor: anything,
  from: anything,
  checkpoint: anything,
  resume: anything,
  keepDiverged: flag,
  signal: anything,
  engineFacts: anything,
};

/** Progress within an epoch. */
export interface StepProgress {
  /** From 1. */
  readonly epoch: number;
  /** The last epoch of the run. */
  readonly epochs: number;
  /** Steps so far, including the steps of a model that the run continues. */
  readonly step: number;
  /** Events fed in this epoch so far, of `eventsPerEpoch`. */
  readonly events: number;
  readonly eventsPerEpoch: number;
  /** Mean loss per event in this epoch so far. */
  readonly loss: number;
  /** The rate of the last step; of the next one if none was taken. */
  readonly learningRate: number;
}
