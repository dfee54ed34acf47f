import type { BatcherPosition } from '@gru4rec/batcher';
import type { ItemIds } from '@gru4rec/item-ids';
import type { Runtime, VariableKind } from '@gru4rec/program';
import type { ModelConfig } from '../config.ts';
import type { StoppingState } from './early-stopping.ts';
import type { EpochRecord } from './epoch-record.ts';

/** A named value in the middle of training, row-major. */
export interface SnapshotTensor {
  readonly name: string;
  readonly kind: VariableKind;
  readonly rows: number;
  readonly cols: number;
  /** In the engine's own precision, so that nothing is rounded. */
  readonly values: Float32Array | Float64Array;
}

/** An epoch so far. */
export interface EpochProgress {
  /** From 1, the epochs before this run included. */
  readonly epoch: number;
  readonly steps: number;
  /** Predicted events. */
  readonly events: number;
  /** Of those events. */
  readonly lossSum: number;
  readonly seconds: number;
}

/** Where a run stands between two steps, by its counts. */
export interface TrainingCursor {
  /** Steps of this run, over all its epochs. */
  readonly steps: number;
  readonly epoch: EpochProgress;
  /** Undefined before the first step. */
  readonly lastFiniteLoss?: number | undefined;
}

/** What a run's bits depend on besides data and configuration, such as the engine's number of threads. */
export type EngineFacts = Readonly<Record<string, string | number | boolean>>;

/** Epochs and steps of the training that a run goes on from; 0 for a new model. */
export interface EarlierTraining {
  readonly epochs: number;
  readonly steps: number;
}

/** What a run and its result hang on. */
export interface RunIdentity {
  readonly config: ModelConfig;
  /** Caller's id of each item index. */
  readonly itemIds: ItemIds;
  /** `dataChecksum` of what it is trained and validated on. */
  readonly data: string;
  /** The engine's name, and what the caller says of it. */
  readonly engine: EngineFacts;
  readonly before: EarlierTraining;
}

/**
 * Everything that training goes on from as if it had not stopped. Random streams are functions of seed, epoch and
 * step, so that the counts are all there is of them.
 */
export interface TrainingSnapshot extends RunIdentity, TrainingCursor {
  /** Finished epochs, those before this run included. */
  readonly history: readonly EpochRecord[];
  readonly batcher: BatcherPosition;
  /** With `patience` alone. */
  readonly stopping?: StoppingState | undefined;
  /** Parameters, tables, optimiser slots and hidden states. */
  readonly tensors: readonly SnapshotTensor[];
}

const kept: readonly VariableKind[] = ['parameter', 'table', 'slot', 'state'];

/**
 * Copies of everything in a runtime that changes from step to step.
 * @throws RangeError if a parameter or slot is not finite: no loss has seen what the last step wrote.
 */
export function snapshotTensors(runtime: Runtime): SnapshotTensor[] {
  const variables = runtime.variables.filter(({ kind }) => kept.includes(kind));
  return variables.map(({ name, kind, rows, cols }) => {
    const read = runtime.read(name);
    const values = read instanceof Int32Array ? Float64Array.from(read) : read;
    if (kind !== 'state' && !allFinite(values)) {
      throw new RangeError(
        `train: "${name}" holds NaN or infinity after the last step. Lower learningRate or momentum.`,
      );
    }
    return { name, kind, rows, cols, values };
  });
}

function allFinite(values: Float32Array | Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/**
 * Writes a snapshot's tensors into a runtime of the same programs.
 * @throws RangeError naming a variable that the snapshot lacks or has in another shape.
 */
export function restoreTensors(runtime: Runtime, tensors: readonly SnapshotTensor[]): void {
  const found = new Map(tensors.map((t) => [t.name, t]));
  for (const { name, kind, rows, cols } of runtime.variables) {
    if (!kept.includes(kind)) continue;
    const tensor = found.get(name);
    if (tensor?.rows !== rows || tensor.cols !== cols) {
      const got = tensor ? `[${tensor.rows}, ${tensor.cols}]` : 'none';
      throw new RangeError(`train: "resume" expected "${name}" [${rows}, ${cols}], got ${got}. Train anew.`);
    }
    runtime.write(name, tensor.values);
  }
}
