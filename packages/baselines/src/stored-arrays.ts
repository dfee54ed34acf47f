import type { IndexSets } from './distinct-items.ts';
import type { LearnedArray } from './shared-arrays.ts';

/** Arrays by name, such as `index.itemsOf.offsets`. */
export type NamedArrays = Readonly<Record<string, LearnedArray>>;

/**
 * The arrays of a baseline that was stored, read by name with checks, so that a file that fits no baseline is an error
 * before anything is scored. Messages begin with the name of the array.
 */
export class StoredArrays {
  readonly itemCount: number;
  readonly #arrays: NamedArrays;

  constructor(arrays: NamedArrays, itemCount: number) {
    this.#arrays = arrays;
    this.itemCount = itemCount;
  }

  /** Numbers, of which those of items that no session has may be NaN or infinite. @throws RangeError if they are missing. */
  weights(name: string): Float64Array {
    return this.#read(name, Float64Array, this.itemCount);
  }

  /** Finite numbers, as many as items if no length is given. @throws RangeError if they are not. */
  doubles(name: string, length: number = this.itemCount): Float64Array {
    return this.#finite(this.#read(name, Float64Array, length), name);
  }

  /** As `doubles`, in single precision. */
  singles(name: string, length: number): Float32Array {
    return this.#finite(this.#read(name, Float32Array, length), name);
  }

  /** A length that only the array knows. @throws RangeError if there is no such array. */
  lengthOf(name: string): number {
    const array = Object.hasOwn(this.#arrays, name) ? this.#arrays[name] : undefined;
    if (array) return array.length;
    throw new RangeError(`"${name}" expected an array, got none`);
  }

  /** Numbers of events, in one of two integer types. @throws RangeError if one is negative. */
  counts(name: string, length: number): Uint16Array | Int32Array {
    const type = this.#arrays[name] instanceof Uint16Array ? Uint16Array : Int32Array;
    return this.#below(this.#read<Uint16Array | Int32Array>(name, type, length), name, 2 ** 31);
  }

  /** Indices from 0. @throws RangeError if one is not below `bound`. */
  indices(name: string, length: number, bound: number): Int32Array {
    return this.#below(this.#read(name, Int32Array, length), name, bound);
  }

  /** Starts of `rows` rows, and the end of the last one. @throws RangeError if they do not ascend from 0. */
  offsets(name: string, rows: number): Int32Array {
    const offsets = this.#read(name, Int32Array, rows + 1);
    const ascend = offsets.every((offset, row) => (row === 0 ? offset === 0 : offset >= offsets[row - 1]));
    if (ascend) return offsets;
    throw new RangeError(`"${name}" expected offsets that ascend from 0, got others`);
  }

  /** Sets of indices, `name.offsets` and `name.members`. @throws RangeError as `offsets` and `indices`. */
  sets(name: string, rows: number, bound: number): IndexSets {
    const offsets = this.offsets(`${name}.offsets`, rows);
    return { offsets, members: this.indices(`${name}.members`, offsets[rows], bound) };
  }

  #read<Type extends LearnedArray>(
    name: string,
    type: { readonly name: string; new (length: number): Type },
    length: number,
  ): Type {
    const found = this.lengthOf(name);
    const array = this.#arrays[name];
    if (array instanceof type && found === length) return array;
    const got = `${found} of ${array.constructor.name}`;
    throw new RangeError(`"${name}" expected ${length} numbers of ${type.name}, got ${got}`);
  }

  #finite<Type extends Float32Array | Float64Array>(array: Type, name: string): Type {
    if (array.every(Number.isFinite)) return array;
    throw new RangeError(`"${name}" expected finite numbers, got NaN or infinity`);
  }

  #below<Type extends Uint16Array | Int32Array>(array: Type, name: string, bound: number): Type {
    const wrong = array.find((index) => index < 0 || index >= bound);
    if (wrong === undefined) return array;
    throw new RangeError(`"${name}" expected integers from 0 to ${bound - 1}, got ${wrong}`);
  }
}
