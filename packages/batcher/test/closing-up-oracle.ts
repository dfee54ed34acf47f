/** One fed pair, and whether its session starts. */
export interface FedPair {
  readonly session: number;
  readonly input: number;
  readonly target: number;
  readonly reset: boolean;
}

/**
 * Session-parallel batches as the README of the goldens defines them, without fixed slots: an array of running
 * sessions, from which finished ones are removed.
 */
export function closingUpBatches(
  sessions: readonly (readonly number[])[],
  batchSize: number,
  minLiveSlots: number,
): FedPair[][] {
  const queue = [...sessions.keys()].filter((session) => sessions[session].length >= 2);
  let slots = queue.splice(0, batchSize).map((session) => ({ session, event: 0 }));
  const steps: FedPair[][] = [];
  while (slots.length >= minLiveSlots) {
    steps.push(
      slots.map(({ session, event }) => ({
        session,
        input: sessions[session][event],
        target: sessions[session][event + 1],
        reset: event === 0,
      })),
    );
    const following: { session: number; event: number }[] = [];
    for (const { session, event } of slots) {
      if (event + 2 < sessions[session].length) following.push({ session, event: event + 1 });
      else if (queue.length > 0) following.push({ session: queue.shift() as number, event: 0 });
    }
    slots = following;
  }
  return steps;
}
