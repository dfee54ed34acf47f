/** Arrays by name, such as `index.itemsOf.offsets`. */
export type NamedArrays = Readonly<Record<string, LearnedArray>>;

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
export function shareArrays<Tree extends object>(tree: Tree): Tree {
  const arrays = Object.entries(arraysOf(tree)).map(([path, array]) => [path, shared(array)]);
  return treeOf(Object.fromEntries(arrays)) as Tree;
}

function shared(array: LearnedArray): LearnedArray {
  if (array.buffer instanceof Memory) return array;
  const copy = new (array.constructor as new (buffer: SharedArrayBuffer) => LearnedArray)(
    new Memory(array.byteLength),
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
