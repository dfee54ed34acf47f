import { SharedMemory, sharedInt32 } from '@gru4rec/batcher';

/** Arrays by name, such as `index.itemsOf.offsets`. */
export type NamedArrays = Readonly<Record<string, LearnedArray>>;

export function sharedFloat64(length: number): Float64Array {
  return new Float64Array(new SharedMemory(length * Float64Array.BYTES_PER_ELEMENT));
}

/** @returns zeros over shared memory for integers up to `greatest`, of two bytes each if they suffice (fresh). */
export function sharedUpTo(greatest: number, length: number): Uint16Array | Int32Array {
  if (greatest >= 2 ** 16) return sharedInt32(length);
  return new Uint16Array(new SharedMemory(length * Uint16Array.BYTES_PER_ELEMENT));
}

/** An array of what a baseline has learned. */
export type LearnedArray = Uint16Array | Int32Array | Float32Array | Float64Array;

/** A tree of plain objects whose typed arrays are all in shared memory; others are copied. */
export function shareArrays<Tree extends object>(tree: Tree): Tree {
  const arrays = Object.entries(arraysOf(tree)).map(([path, array]) => [path, shared(array)]);
  return treeOf(Object.fromEntries(arrays)) as Tree;
}

function shared(array: LearnedArray): LearnedArray {
  if (array.buffer instanceof SharedMemory) return array;
  const copy = new (array.constructor as new (buffer: SharedArrayBuffer) => LearnedArray)(
    new SharedMemory(array.byteLength),
  );
  copy.set(array);
  return copy;
}

/** All typed arrays of a tree of plain objects by their paths, such as `index.itemsOf.offsets`; not copied. */
export function arraysOf(tree: object, path = ''): NamedArrays {
  const entries = Object.entries(tree).flatMap(([key, part]) => {
    if (ArrayBuffer.isView(part)) return [[path + key, part as LearnedArray] as const];
    return typeof part === 'object' && part !== null ? Object.entries(arraysOf(part, `${path}${key}.`)) : [];
  });
  return Object.fromEntries(entries);
}

/** The tree of plain objects of which these are the arrays by their paths. */
export function treeOf(arrays: NamedArrays): object {
  const tree: Record<string, unknown> = {};
  for (const [path, array] of Object.entries(arrays)) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let place = tree;
    for (const key of keys) {
      // Not `??=`: a path of a forged file could then reach the prototype of all objects.
      if (!Object.hasOwn(place, key)) place[key] = {};
      place = place[key] as Record<string, unknown>;
    }
    place[last] = array;
  }
  return tree;
}

export function bytesOf(tree: unknown): number {
  const arrays = Object.values(arraysOf({ tree }));
  return arrays.reduce((bytes, { byteLength }) => bytes + byteLength, 0);
}
