import type { StepConfig } from '../model-config.ts';
import { type StoredTensor, valuesOf } from '../storage/tensors.ts';
import type { PartFeatures, PartWidths, SessionItems } from './part.ts';
import { type SparsePartName, sparsePartsOf, weightsName } from './registry.ts';

interface OpenPart {
  readonly name: SparsePartName;
  readonly part: PartFeatures;
  /** [P] */
  readonly weights: Float64Array;
  readonly widths: PartWidths;
  count: number;
}

/** The sparse parts of a model: which scores of a session they change, score_i ← scale_i · s_i + added_i. */
export class SessionParts {
  /** M, the most items of a session whose scores change. */
  readonly length: number;
  /** [M] the items of the session that `read` was called with last, −1 after them; changed in place. */
  readonly items: Int32Array;
  /** [M] changed in place; 1 and 0 after the items. */
  readonly scale: Float32Array;
  readonly added: Float32Array;
  readonly #parts: readonly OpenPart[];
  /** [I] 1 + the place of each of `items`, else 0. */
  readonly #places: Int32Array;
  #count = 0;

  private constructor(parts: readonly OpenPart[], itemCount: number) {
    this.#parts = parts;
    this.#places = new Int32Array(itemCount);
    this.length = parts.reduce((sum, { part }) => sum + part.length, 0);
    this.items = new Int32Array(this.length).fill(-1);
    this.scale = new Float32Array(this.length).fill(1);
    this.added = new Float32Array(this.length);
  }

  /** @returns undefined if no part changes a score. */
  static open(
    config: StepConfig,
    tensors: readonly StoredTensor[],
    itemCount: number,
  ): SessionParts | undefined {
    const parts = sparsePartsOf(config).flatMap(([name, part]): OpenPart[] => {
      const weights = Float64Array.from(valuesOf(tensors, weightsName(name)));
      const features = weights.some((weight) => weight !== 0) && part.open(config, tensors, itemCount);
      if (!features) return [];
      return [{ name, part: features, weights, widths: part.widths(config), count: 0 }];
    });
    return parts.length === 0 ? undefined : new SessionParts(parts, itemCount);
  }

  /** The parts that change scores. */
  get names(): SparsePartName[] {
    return this.#parts.map(({ name }) => name);
  }

  /** @returns how many scores change; those of `items`. */
  read(session: SessionItems): number {
    this.#clear();
    for (const one of this.#parts) {
      one.count = one.part.read(session);
      for (let at = 0; at < one.count; at++) {
        const item = one.part.items[at];
        if (this.#places[item] === 0) {
          this.items[this.#count] = item;
          this.#places[item] = ++this.#count;
        }
        const place = this.#places[item] - 1;
        this.scale[place] += gainOf(one, at);
        this.added[place] += additionOf(one, at);
      }
    }
    return this.#count;
  }

  /** The place of an item in `items`; −1 for an item whose score stays. */
  placeOf(item: number): number {
    return this.#places[item] - 1;
  }

  /** What each part adds to the score of an item in the session that `read` was called with last. */
  explain(item: number, score: number): Partial<Record<SparsePartName, number>> {
    const additions = this.#parts.map((one) => {
      const at = one.part.items.subarray(0, one.count).indexOf(item);
      return [one.name, at < 0 ? 0 : gainOf(one, at) * score + additionOf(one, at)];
    });
    return Object.fromEntries(additions);
  }

  #clear(): void {
    for (let place = 0; place < this.#count; place++) this.#places[this.items[place]] = 0;
    this.items.fill(-1, 0, this.#count);
    this.scale.fill(1, 0, this.#count);
    this.added.fill(0, 0, this.#count);
    this.#count = 0;
  }
}

function additionOf({ part, weights, widths: { places, plain, scaled } }: OpenPart, at: number): number {
  let sum = part.places ? weights[part.places[at]] : 0;
  for (let f = 0; f < plain; f++) sum += weights[places + f] * part.features[at * (plain + scaled) + f];
  return sum;
}

function gainOf({ part, weights, widths: { places, plain, scaled } }: OpenPart, at: number): number {
  let sum = 0;
  for (let f = plain; f < plain + scaled; f++) {
    sum += weights[places + f] * part.features[at * (plain + scaled) + f];
  }
  return sum;
}
