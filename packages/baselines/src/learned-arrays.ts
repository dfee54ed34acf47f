/** Arrays by name, such as `index.itemsOf.offsets`. */
export type NamedArrays = Readonly<Record<string, LearnedArray>>;

/** The arrays of a baseline that was stored, checked before anything is scored. Messages begin with the name of the array. */
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

  doubles(name: string, length: number = this.itemCount): Float64Array {
    return this.#finite(this.#read(name, Float64Array, length), name);
  }

  singles(name: string, length: number): Float32Array {
    return this.#finite(this.#read(name, Float32Array, length), name);
  }

  lengthOf(name: string): number {
    const array = Object.hasOwn(this.#arrays, name) ? this.#arrays[name] : undefined;
    if (array) return array.length;
    throw new RangeError(`"${name}" expected an array, got none`);
  }

  counts(name: string, length: number): Uint16Array | Int32Array {
    const type = this.#arrays[name] instanceof Uint16Array ? Uint16Array : Int32Array;
    return this.#below(this.#read<Uint16Array | Int32Array>(name, type, length), name, 2 ** 31);
  }

  indices(name: string, length: number, bound: number): Int32Array {
    return this.#below(this.#read(name, Int32Array, length), name, bound);
  }

  /** Starts of `rows` rows, and the end of the last one. */
  offsets(name: string, rows: number): Int32Array {
    const offsets = this.#read(name, Int32Array, rows + 1);
    const ascend = offsets.every((offset, row) => (row === 0 ? offset === 0 : offset >= offsets[row - 1]));
    if (ascend) return offsets;
    throw new RangeError(`"${name}" expected offsets that ascend from 0, got others`);
  }

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

/** Shared memory; a page that is not cross-origin isolated has none, and threads then get copies. */
const Memory = (globalThis.SharedArrayBuffer ?? ArrayBuffer) as SharedArrayBufferConstructor;

function sharedInt32(length: number): Int32Array {
  return new Int32Array(new Memory(length * Int32Array.BYTES_PER_ELEMENT));
}

export function sharedFloat64(length: number): Float64Array {
  return new Float64Array(new Memory(length * Float64Array.BYTES_PER_ELEMENT));
}

/** @returns zeros over shared memory for integers up to `greatest`, of two bytes each if they suffice (fresh). */
export function sharedUpTo(greatest: number, length: number): Uint16Array | Int32Array {
  if (greatest >= 2 ** 16) return sharedInt32(length);
  return new Uint16Array(new Memory(length * Uint16Array.BYTES_PER_ELEMENT));
}

/** An array of what a baseline has learned. */
export type LearnedArray = Uint16Array | Int32Array | Float32Array | Float64Array;

/** A tree of plain objects whose typed arrays are all in shared memory; others are copied. */
export function shareArrays<Tree>(tree: Tree): Tree {
  return mapArrays(tree, (array) => {
    if (array.buffer instanceof Memory) return array;
    const copy = new (array.constructor as new (buffer: SharedArrayBuffer) => LearnedArray)(
      new Memory(array.byteLength),
    );
    copy.set(array);
    return copy;
  });
}

/** All typed arrays of a tree of plain objects by their paths, such as `index.itemsOf.offsets`; not copied. */
export function arraysOf(tree: object, path = ''): Readonly<Record<string, LearnedArray>> {
  const entries = Object.entries(tree).flatMap(([key, part]) => {
    if (ArrayBuffer.isView(part)) return [[path + key, part as LearnedArray] as const];
    return typeof part === 'object' && part !== null ? Object.entries(arraysOf(part, `${path}${key}.`)) : [];
  });
  return Object.fromEntries(entries);
}

export function bytesOf(tree: unknown): number {
  const arrays = Object.values(arraysOf({ tree }));
  return arrays.reduce((bytes, { byteLength }) => bytes + byteLength, 0);
}

function mapArrays<Tree>(tree: Tree, change: (array: LearnedArray) => LearnedArray): Tree {
  if (ArrayBuffer.isView(tree)) return change(tree as unknown as LearnedArray) as Tree;
  if (typeof tree !== 'object' || tree === null) return tree;
  const entries = Object.entries(tree).map(([key, part]) => [key, mapArrays(part, change)]);
  return Object.fromEntries(entries) as Tree;
}

/** Sets of item indices in CSR form: set s holds members[offsets[s]] to members[offsets[s + 1] − 1]. */
export interface IndexSets {
  readonly offsets: Int32Array;
  readonly members: Int32Array;
}

/** The distinct items of each session, in order of first click, over shared memory. */
export function distinctItems(sessionOffsets: Int32Array, items: Int32Array, itemCount: number): IndexSets {
  const sessions = sessionOffsets.length - 1;
  const lastSession = new Int32Array(itemCount).fill(-1);
  const isNew = (session: number, item: number): boolean => {
    if (lastSession[item] === session) return false;
    lastSession[item] = session;
    return true;
  };
  const offsets = sharedInt32(sessions + 1);
  for (let session = 0; session < sessions; session++) {
    let count = offsets[session];
    for (let event = sessionOffsets[session]; event < sessionOffsets[session + 1]; event++)
      if (isNew(session, items[event])) count++;
    offsets[session + 1] = count;
  }
  lastSession.fill(-1);
  // Counted first, so that memory holds the members only once.
  const members = sharedInt32(offsets[sessions]);
  for (let session = 0, at = 0; session < sessions; session++) {
    for (let event = sessionOffsets[session]; event < sessionOffsets[session + 1]; event++)
      if (isNew(session, items[event])) members[at++] = items[event];
  }
  return { offsets, members };
}

/** Inverts sets: per member below `memberCount`, the ascending numbers of the sets that have it. */
export function invert({ offsets, members }: IndexSets, memberCount: number): IndexSets {
  const inverted = { offsets: sharedInt32(memberCount + 1), members: sharedInt32(members.length) };
  for (const member of members) inverted.offsets[member + 1]++;
  for (let member = 0; member < memberCount; member++)
    inverted.offsets[member + 1] += inverted.offsets[member];
  const next = inverted.offsets.slice();
  for (let set = 0; set + 1 < offsets.length; set++) {
    for (let at = offsets[set]; at < offsets[set + 1]; at++) inverted.members[next[members[at]]++] = set;
  }
  return inverted;
}
