import type { SessionArrays } from '@gru4rec/batcher';
import type { ModelConfig } from '../config.ts';
import type { StoredTensor } from '../storage/stored-tensor.ts';
import type { ValidationRecord } from './epoch-record.ts';

/** @throws RangeError if `patience` or the repeat bias `auto` has no held-out sessions. */
export function checkValidation(
  { patience, repeatBias, freshness, holdOut }: ModelConfig,
  validation: SessionArrays | undefined,
): void {
  const isFitted = repeatBias === 'auto' || freshness !== 'none';
  if (validation || holdOut > 0 || (patience === 0 && !isFitted)) return;
  const [key, without] =
    patience > 0
      ? ['patience > 0', 'set patience to 0']
      : repeatBias === 'auto'
        ? ['repeatBias "auto"', 'use another repeatBias']
        : [`freshness "${freshness}"`, 'set freshness to "none"'];
  throw new RangeError(
    `train: "validation" expected held-out sessions with ${key}, got none. ` +
      `Prepare the dataset with a validation split (option "validationDays"), set holdOut to ${freshness === 'none' ? 0.02 : 0.2}, or ${without}.`,
  );
}

/** The state of early stopping, for a snapshot. */
export interface StoppingState {
  /** Epochs since the best one. */
  readonly epochsSince: number;
  /** Undefined before the first validation. */
  readonly best?: BestEpoch | undefined;
}

/** The best epoch so far, the value of its `validationMetric`, and its parameters, tables and slots. */
export interface BestEpoch {
  readonly epoch: number;
  readonly value: number;
  readonly tensors: readonly StoredTensor[];
}

/** Keeps the parameters of the best epoch by `validationMetric`. */
export class EarlyStopping {
  readonly #config: ModelConfig;
  readonly #copy: () => readonly StoredTensor[];
  #epochsSince = 0;
  #best: BestEpoch | undefined;

  /** @param copy - copies the parameters, tables and slots that were measured. */
  constructor(config: ModelConfig, copy: () => readonly StoredTensor[]) {
    this.#config = config;
    this.#copy = copy;
  }

  /** Keeps a copy of the parameters after an epoch if they are the best so far. */
  observe(epoch: number, record: ValidationRecord): void {
    const value = record[this.#config.validationMetric] ?? Number.NaN;
    this.#epochsSince++;
    if (value > (this.#best?.value ?? Number.NEGATIVE_INFINITY)) {
      this.#epochsSince = 0;
      this.#best = { epoch, value, tensors: this.#copy() };
    }
  }

  /** For `restore`. Its tensors are shared and must not be written to. */
  state(): StoppingState {
    return { epochsSince: this.#epochsSince, best: this.#best };
  }

  restore({ epochsSince, best }: StoppingState): void {
    this.#epochsSince = epochsSince;
    this.#best = best;
  }

  /** Whether `patience` epochs have passed since the best one. */
  get over(): boolean {
    return this.#epochsSince >= this.#config.patience;
  }

  /** The best epoch so far and its tensors. */
  get best(): BestEpoch | undefined {
    return this.#best;
  }
}
