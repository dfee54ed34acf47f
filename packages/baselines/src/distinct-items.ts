/** Sets of item indices in CSR form: set s holds members[offsets[s]] to members[offsets[s + 1] − 1]. */
export interface IndexSets {
  readonly offsets: Int32Array;
  readonly members: Int32Array;
}

/**
 * The different items of each session.
 *
 * @param sessionOffsets - [sessions + 1], CSR. Read only.
 * @param items - [events] item indices below `itemCount`. Read only.
 * @returns a set per session, in order of first click (fresh).
 */
export function distinctItems(sessionOffsets: Int32Array, items: Int32Array, itemCount: number): IndexSets {
  const sessions = sessionOffsets.length - 1;
  const offsets = new Int32Array(sessions + 1);
  const members = new Int32Array(items.length);
  const lastSession = new Int32Array(itemCount).fill(-1);
  let count = 0;
  for (let session = 0; session < sessions; session++) {
    for (let event = sessionOffsets[session]; event < sessionOffsets[session + 1]; event++) {
      if (lastSession[items[event]] === session) continue;
      lastSession[items[event]] = session;
      members[count++] = items[event];
    }
    offsets[session + 1] = count;
  }
  return { offsets, members: members.slice(0, count) };
}

/**
 * Turns sets of members into, for each member, the sets that hold it.
 *
 * @param memberCount - members are integers below it.
 * @returns a set per member, of set numbers ascending (fresh).
 */
export function invert({ offsets, members }: IndexSets, memberCount: number): IndexSets {
  const inverted = { offsets: new Int32Array(memberCount + 1), members: new Int32Array(members.length) };
  for (const member of members) inverted.offsets[member + 1]++;
  for (let member = 0; member < memberCount; member++)
    inverted.offsets[member + 1] += inverted.offsets[member];
  const next = inverted.offsets.slice();
  for (let set = 0; set + 1 < offsets.length; set++) {
    for (let at = offsets[set]; at < offsets[set + 1]; at++) inverted.members[next[members[at]]++] = set;
  }
  return inverted;
}
