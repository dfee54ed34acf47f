/** Shared memory; a page that is not cross-origin isolated has none, and threads then get copies. */
export const SharedMemory: SharedArrayBufferConstructor = (globalThis.SharedArrayBuffer ??
  ArrayBuffer) as SharedArrayBufferConstructor;

/** Zeros over shared memory (fresh). */
export function sharedInt32(length: number): Int32Array {
  return new Int32Array(new SharedMemory(length * Int32Array.BYTES_PER_ELEMENT));
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

/** The most similar items of each item in CSR form, best first; equal similarities by ascending item index. */
export interface Neighbours {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
  readonly similarities: Float64Array;
}

/** What `findNeighbours` counts and keeps. */
export interface NeighbourOptions {
  /** Neighbours kept per item: 100 if not given. */
  readonly neighbours?: number;
  /** λ ≥ 0, added to both items' counts so that rare items are not similar by chance: 20 if not given. */
  readonly lambda?: number;
  /** α in [0, 1], the share of the normalisation by the current item: 0.5 if not given, the cosine. */
  readonly alpha?: number;
  /** How much a session counts, by the number of its distinct items: 1 if not given. */
  readonly weigh?: (items: number) => number;
}

/**
 * Finds each item's neighbours, the items that share sessions with it.
 *
 * sim(i, j) = |S_i ∩ S_j| / ((|S_i| + λ)^α · (|S_j| + λ)^(1−α)), S_i the sessions with i, j ≠ i
 * (Hidasi et al. 2016, arXiv:1511.06939, section 4; with α = ½ and λ = 0 the cosine of session vectors)
 *
 * Time is Σ over sessions of (different items)², memory I · neighbours.
 * @param itemsOf - the distinct items of each session.
 */
export function findNeighbours(
  itemsOf: IndexSets,
  itemCount: number,
  { neighbours = 100, lambda = 20, alpha = 0.5, weigh = () => 1 }: NeighbourOptions = {},
): Neighbours {
  const sessionsOf = invert(itemsOf, itemCount);
  const weights = new Float64Array(itemsOf.offsets.length - 1);
  for (let session = 0; session < weights.length; session++)
    weights[session] = weigh(itemsOf.offsets[session + 1] - itemsOf.offsets[session]);
  const own = new Float64Array(itemCount);
  const other = new Float64Array(itemCount);
  for (let item = 0; item < itemCount; item++) {
    let sessions = lambda;
    for (let at = sessionsOf.offsets[item]; at < sessionsOf.offsets[item + 1]; at++)
      sessions += weights[sessionsOf.members[at]];
    own[item] = sessions ** alpha;
    other[item] = sessions ** (1 - alpha);
  }
  const offsets = new Int32Array(itemCount + 1);
  const kept: { readonly items: number[]; readonly similarities: number[] } = { items: [], similarities: [] };
  const shared = new Float64Array(itemCount);
  for (let item = 0; item < itemCount; item++) {
    const candidates: number[] = [];
    for (let at = sessionsOf.offsets[item]; at < sessionsOf.offsets[item + 1]; at++) {
      const session = sessionsOf.members[at];
      for (let member = itemsOf.offsets[session]; member < itemsOf.offsets[session + 1]; member++) {
        const candidate = itemsOf.members[member];
        if (candidate === item) continue;
        if (shared[candidate] === 0) candidates.push(candidate);
        shared[candidate] += weights[session];
      }
    }
    const similarities = candidates.map((candidate) => shared[candidate] / (own[item] * other[candidate]));
    for (const candidate of candidates) shared[candidate] = 0;
    const order = Array.from(candidates.keys()).sort(
      (a, b) => similarities[b] - similarities[a] || candidates[a] - candidates[b],
    );
    for (const place of order.slice(0, neighbours)) {
      kept.items.push(candidates[place]);
      kept.similarities.push(similarities[place]);
    }
    offsets[item + 1] = kept.items.length;
  }
  return {
    offsets,
    items: Int32Array.from(kept.items),
    similarities: Float64Array.from(kept.similarities),
  };
}
