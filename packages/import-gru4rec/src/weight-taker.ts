import { OriginalFormatError } from './original-format-error.ts';
import type { OriginalWeights } from './read-original-weights.ts';

const ADVICE = 'Give the parameters that the model was trained with.';

/** Checks and returns tensors of the authors' model by name, and records which were taken. */
export class WeightTaker {
  readonly #weights: OriginalWeights;
  readonly #left: Set<string>;

  constructor(weights: OriginalWeights) {
    this.#weights = weights;
    this.#left = new Set(weights.tensors.keys());
  }

  /** Number of rows of a tensor. @throws OriginalFormatError if it is missing. */
  rowsOf(name: string): number {
    const tensor = this.#weights.tensors.get(name);
    if (!tensor) this.#fail(name, 'a tensor of this name', 'none');
    return tensor.rows;
  }

  /**
   * Takes a tensor.
   *
   * @returns its values, a view of the file's bytes.
   * @throws OriginalFormatError if it is missing, not finite or of another shape.
   */
  take(name: string, rows: number, cols: number): Float32Array {
    const tensor = this.#weights.tensors.get(name);
    this.#left.delete(name);
    if (!tensor) this.#fail(name, `[${rows}, ${cols}]`, 'no such tensor');
    if (tensor.rows !== rows || tensor.cols !== cols) {
      this.#fail(name, `[${rows}, ${cols}]`, `[${tensor.rows}, ${tensor.cols}]`);
    }
    if (!tensor.values.every(Number.isFinite)) this.#fail(name, 'finite numbers', 'NaN or infinity');
    return tensor.values;
  }

  /** @throws OriginalFormatError if a tensor was not taken. */
  expectNothingLeft(): void {
    const [name] = this.#left;
    if (name !== undefined) this.#fail(name, 'no tensor of this name with these parameters', 'one');
  }

  #fail(name: string, expected: string, got: string): never {
    throw new OriginalFormatError(
      `toTensors: "${name.slice(0, 80)}" expected ${expected}, got ${got}, at ${this.#weights.file}. ${ADVICE}`,
    );
  }
}
