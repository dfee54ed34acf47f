import type { Runtime, VariableKind } from '@gru4rec/program';
import type { SnapshotTensor } from '../storage/stored-tensor.ts';
import { copyVariables, inFloats } from './variables.ts';

/** What is averaged: what a score depends on. */
const averagedKinds: readonly VariableKind[] = ['parameter', 'table'];

/** The average so far, for a snapshot. */
export interface AverageState {
  /** Epochs of the run that it includes. */
  readonly epochs: number;
  /** Parameters and tables, in the engine's precision. */
  readonly tensors: readonly SnapshotTensor[];
}

/**
 * Mean of the parameters at the ends of a run's epochs, of which later ones count more:
 * θ̄_t = Σ_i β^(t−i) θ_i / Σ_i β^(t−i), i = 1…t          (Izmailov et al. 2018, arXiv:1803.05407, with weights β^(t−i))
 *
 * Only ends of epochs are averaged: with `sessionOrder: "time"` they have just seen the latest sessions.
 */
export class ParameterAverage {
  readonly #decay: number;
  #epochs = 0;
  #tensors: ReadonlyMap<string, SnapshotTensor> = new Map();

  /** @param decay - β in [0, 1). */
  constructor(decay: number) {
    this.#decay = decay;
  }

  /**
   * Includes the parameters in a runtime.
   *
   * @param epoch - of the run, from 1. An epoch that is included already changes nothing, so that an epoch whose validation
   * was interrupted can end twice.
   */
  add(epoch: number, runtime: Runtime): void {
    if (epoch <= this.#epochs) return;
    const read = copyVariables(runtime, averagedKinds, (name) => inFloats(runtime.read(name)));
    const share = (1 - this.#decay) / (1 - this.#decay ** epoch);
    for (const { name, values } of read) {
      const means = this.#tensors.get(name)?.values;
      for (const [i, mean] of means?.entries() ?? []) values[i] = mean + share * (Number(values[i]) - mean);
    }
    this.#epochs = epoch;
    this.#tensors = new Map(read.map((tensor) => [tensor.name, tensor]));
  }

  /** The average of a variable, not to be written to and never changed; undefined for what is not averaged. */
  values(name: string): SnapshotTensor['values'] | undefined {
    return this.#tensors.get(name)?.values;
  }

  /** Writes the average into a runtime of other programs. */
  writeTo(runtime: Runtime): void {
    for (const { name } of runtime.variables) {
      const values = this.values(name);
      if (values) runtime.write(name, values);
    }
  }

  /** For `restore`; undefined before the end of the first epoch. Its tensors must not be written to. */
  state(): AverageState | undefined {
    return this.#epochs === 0 ? undefined : { epochs: this.#epochs, tensors: [...this.#tensors.values()] };
  }

  restore({ epochs, tensors }: AverageState): void {
    this.#epochs = epochs;
    this.#tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  }
}
