/**
 * Counts the pairs that an epoch feeds, by simulating the slots with only the lengths of the sessions.
 *
 * @param order - stored indices of sessions of two or more events, in the order in which they are fed. Not changed.
 * @param sessionOffsets - [stored sessions + 1], CSR. Not changed.
 * @param batchSize - number of slots.
 * @param minLiveSlots - the epoch ends when fewer slots are live.
 * @returns the number of pairs; with `minLiveSlots` 1 that of all pairs of consecutive events.
 */
export function countPairs(
  order: Int32Array,
  sessionOffsets: Int32Array,
  batchSize: number,
  minLiveSlots: number,
): number {
  const pairsLeft = new Int32Array(Math.min(batchSize, order.length));
  const pairsOf = (session: number): number => sessionOffsets[session + 1] - sessionOffsets[session] - 1;
  if (minLiveSlots === 1) return order.reduce((pairs, session) => pairs + pairsOf(session), 0);
  for (let slot = 0; slot < pairsLeft.length; slot++) pairsLeft[slot] = pairsOf(order[slot]);
  let nextSession = pairsLeft.length;
  let liveSlots = pairsLeft.length;
  let pairs = 0;
  while (liveSlots >= minLiveSlots) {
    pairs += liveSlots;
    for (let slot = 0; slot < pairsLeft.length; slot++) {
      if (pairsLeft[slot] === 0) continue;
      if (--pairsLeft[slot] > 0) continue;
      if (nextSession < order.length) pairsLeft[slot] = pairsOf(order[nextSession++]);
      else liveSlots--;
    }
  }
  return pairs;
}
