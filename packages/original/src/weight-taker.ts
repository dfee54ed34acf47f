import { OriginalFormatError } from './original-format-error.ts';
import type { OriginalWeights } from './read-original-weights.ts';

const ADVICE = 'Give the parameters that the model was trained with.';

/** Hands out tensors of the authors' model, each checked and once. */
export class WeightTaker {
  readonly #weights: OriginalWeights;
  readonly #left: Set<string>;

  constructor(weights: OriginalWeights) {
    this.#weights = weights;
    this.#left = new Set(weights.tensors.keys());
  }

  /** Rows of a tensor, which decide how many items there are. */
  rowsOf(name: string): number {
    const tensor = this.#weights.tensors.get(name);
    if (!tensor) this.#fail(name, 'a tensor of this name', 'none');
    return tensor.rows;
  }

  /** Values of a tensor; a view of the file's bytes. */
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

  /** Refuses what nobody took. */
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
