import { pickSessions, type SessionArrays } from '@gru4rec/batcher';
import { nanScore } from './rank.ts';
import type { Scores } from './top-items.ts';

/**
 * The predictions at a position of a session (Ludewig, Jannach 2018, arXiv:1803.09587, section 4):
 * `next` = at every position the next click; `last` = only the last click of each session, from all before it;
 * `remaining` = at every position all remaining items, each once.
 */
export type Protocol = 'next' | 'last' | 'remaining';

/** Every protocol, the default first. */
export const PROTOCOLS: readonly Protocol[] = ['next', 'last', 'remaining'];

/** The items that may be recommended. Reduces rows of scores to the candidates, one column each. */
export class Candidates {
  /** [C] item indices, ascending, each once: the item of each column. Must not be written to. */
  readonly items: Int32Array;
  /** [I] column of each item, −1 for other items. */
  readonly #columns: Int32Array;
  readonly #row: Float64Array;

  constructor(items: Int32Array, itemCount: number) {
    this.items = Int32Array.from(new Set(items)).sort();
    this.#columns = new Int32Array(itemCount).fill(-1);
    for (const [column, item] of this.items.entries()) this.#columns[item] = column;
    this.#row = new Float64Array(this.items.length);
  }

  has(item: number): boolean {
    return this.#columns[item] >= 0;
  }

  columnOf(item: number): number {
    return this.#columns[item];
  }

  /** [C] the candidates' scores; reused until the next call. A score of NaN is refused. */
  pick(scores: Scores): Float64Array {
    for (let column = 0; column < this.items.length; column++) {
      const score = scores[this.items[column]];
      if (Number.isNaN(score)) throw nanScore(this.items[column]);
      this.#row[column] = score;
    }
    return this.#row;
  }
}

export interface PlanRules {
  readonly protocol: Protocol;
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

function keepPredicted(
  { sessionOffsets, items, context }: SessionArrays,
  predicted: Uint8Array,
): Omit<Plan, 'outsideTargets'> {
  const kept: number[] = [];
  const counts: number[] = [];
  for (let session = 0; session + 1 < sessionOffsets.length; session++) {
    const count = countOnes(predicted.subarray(sessionOffsets[session], sessionOffsets[session + 1]));
    if (count === 0) continue;
    kept.push(session);
    counts.push(count);
  }
  const sessions = pickSessions({ sessionOffsets, items, ...(context && { context }) }, kept);
  const marks = new Uint8Array(sessions.items.length);
  for (const [at, session] of kept.entries()) {
    const own = predicted.subarray(sessionOffsets[session], sessionOffsets[session + 1]);
    marks.set(own, sessions.sessionOffsets[at]);
  }
  const predictions = counts.reduce((sum, count) => sum + count, 0);
  return { sessions, predicted: marks, counts: Float64Array.from(counts), predictions };
}

function countOnes(marks: Uint8Array): number {
  let count = 0;
  for (let event = 0; event < marks.length; event++) count += marks[event];
  return count;
}
