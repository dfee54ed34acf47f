/** Shared memory; a page that is not cross-origin isolated has none, and threads then get copies. */
const Memory = (globalThis.SharedArrayBuffer ?? ArrayBuffer) as SharedArrayBufferConstructor;

/** @returns zeros over shared memory, which several threads can use without a copy (fresh). */
export function sharedInt32(length: number): Int32Array {
  return new Int32Array(new Memory(length * Int32Array.BYTES_PER_ELEMENT));
}

/** @returns zeros over shared memory (fresh). */
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

/**
 * Moves all typed arrays of a tree of plain objects to shared memory.
 *
 * @returns a tree with the same values. Arrays in shared memory are kept, others are copied.
 */
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

/** Bytes of all typed arrays of a tree of plain objects. */
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
