import type { SessionArrays } from '@gru4rec/batcher';
import type { Candidates } from './candidates.ts';
import type { Protocol } from './protocol.ts';

/** The options that decide which positions are predicted. */
export interface PlanRules {
  readonly protocol: Protocol;
  /** Clicks of a session before its first prediction, ≥ 1. */
  readonly warmUp: number;
  readonly candidates: Candidates | undefined;
}

/** All predictions of an evaluation, known before anything is scored. */
export interface Plan {
  /** The sessions with a prediction, in their order. */
  readonly sessions: SessionArrays;
  /** [events] 1 at each event after which something is predicted. */
  readonly predicted: Uint8Array;
  /** [sessions] predictions of each, ≥ 1. */
  readonly counts: Float64Array;
  readonly predictions: number;
  /** Targets that are not candidates: with `remaining`, each remaining item counts at each position. */
  readonly outsideTargets: number;
}

/**
 * Finds the predictions of an evaluation by its protocol, warm-up and candidates.
 *
 * @param sessions - checked. Read only.
 * @returns fresh arrays; without sessions if there is nothing to predict.
 */
export function planPredictions(sessions: SessionArrays, rules: PlanRules): Plan {
  const { sessionOffsets, items } = sessions;
  const predicted = new Uint8Array(items.length);
  const mark = rules.protocol === 'remaining' ? markRemaining : markNext;
  let outsideTargets = 0;
  for (let session = 1; session < sessionOffsets.length; session++) {
    const [start, end] = [sessionOffsets[session - 1], sessionOffsets[session]];
    outsideTargets += mark(items.subarray(start, end), predicted.subarray(start, end), rules);
  }
  return { ...keepPredicted(sessions, predicted), outsideTargets };
}

/** Marks the events before a target that can be recommended, and counts the other targets. */
function markNext(clicks: Int32Array, predicted: Uint8Array, rules: PlanRules): number {
  const { protocol, warmUp, candidates } = rules;
  const last = clicks.length - 2;
  let outside = 0;
  for (let event = protocol === 'last' ? Math.max(last, warmUp - 1) : warmUp - 1; event <= last; event++) {
    if (candidates === undefined || candidates.has(clicks[event + 1])) predicted[event] = 1;
    else outside++;
  }
  return outside;
}

/** Marks the events with a remaining item that can be recommended, and counts the remaining ones that cannot. */
function markRemaining(clicks: Int32Array, predicted: Uint8Array, { warmUp, candidates }: PlanRules): number {
  const inside = new Set<number>();
  const outside = new Set<number>();
  let outsideTargets = 0;
  for (let event = clicks.length - 2; event >= warmUp - 1; event--) {
    const next = clicks[event + 1];
    if (candidates === undefined || candidates.has(next)) inside.add(next);
    else outside.add(next);
    if (inside.size > 0) predicted[event] = 1;
    outsideTargets += outside.size;
  }
  return outsideTargets;
}

/** Drops the sessions without a prediction. */
function keepPredicted(
  { sessionOffsets, items }: SessionArrays,
  predicted: Uint8Array,
): Omit<Plan, 'outsideTargets'> {
  const kept = { items: new Int32Array(items.length), predicted: new Uint8Array(items.length) };
  const offsets = new Int32Array(sessionOffsets.length);
  const counts = new Float64Array(sessionOffsets.length);
  let sessions = 0;
  let predictions = 0;
  for (let session = 1; session < sessionOffsets.length; session++) {
    const [start, end] = [sessionOffsets[session - 1], sessionOffsets[session]];
    const marks = predicted.subarray(start, end);
    const count = countOnes(marks);
    if (count === 0) continue;
    const offset = offsets[sessions];
    kept.items.set(items.subarray(start, end), offset);
    kept.predicted.set(marks, offset);
    counts[sessions++] = count;
    offsets[sessions] = offset + end - start;
    predictions += count;
  }
  const events = offsets[sessions];
  return {
    sessions: { sessionOffsets: offsets.subarray(0, sessions + 1), items: kept.items.subarray(0, events) },
    predicted: kept.predicted.subarray(0, events),
    counts: counts.subarray(0, sessions),
    predictions,
  };
}

function countOnes(marks: Uint8Array): number {
  let count = 0;
  for (let event = 0; event < marks.length; event++) count += marks[event];
  return count;
}
