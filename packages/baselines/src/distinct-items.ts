import { sharedInt32 } from './shared-arrays.ts';

/** Sets of item indices in CSR form: set s holds members[offsets[s]] to members[offsets[s + 1] − 1]. */
export interface IndexSets {
  readonly offsets: Int32Array;
  readonly members: Int32Array;
}

/**
 * Finds the distinct items of each session.
 *
 * @param sessionOffsets - [sessions + 1], CSR. Read only.
 * @param items - [events] item indices below `itemCount`. Read only.
 * @returns a set per session, in order of first click (fresh, over shared memory).
 */
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

/**
 * Inverts sets: finds the sets that contain each member.
 *
 * @param memberCount - members are integers below it.
 * @returns a set per member, of ascending set numbers (fresh, over shared memory).
 */
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
