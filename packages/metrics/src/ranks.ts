import { contextWidth } from '@gru4rec/batcher';
import type { Plan } from './plan.ts';

/**
 * The rank of each target: one entry per prediction, session after session, positions ascending. The order depends only
 * on the sessions and the options, not on the scorer or the slots.
 */
export interface Ranks {
  /** [predictions] number of the session among those predicted, from 0. */
  readonly session: Int32Array;
  /** [predictions] clicks of the session that were seen, from 1. */
  readonly position: Int32Array;
  /** [predictions] item index. */
  readonly target: Int32Array;
  /** [predictions] rank from 1, by the tie rule; Infinity if the target was excluded as seen. */
  readonly rank: Float64Array;
  /** [predictions] items with the target's score, including the target; 0 if it was excluded. */
  readonly equal: Int32Array;
  /** [sessions] clicks of each session with a prediction. */
  readonly sessionLengths: Int32Array;
  /** [predictions × C] context of the click that follows; only of sessions with a context. */
  readonly targetContext?: Int32Array | undefined;
}

/** Collects ranks slot by slot, and stores them in the order of their sessions. */
export class RankKeeper {
  readonly ranks: Ranks;
  /** [sessions] index of the session's next prediction. */
  readonly #next: Int32Array;
  readonly #sessions: Plan['sessions'];

  constructor({ counts, predictions, sessions }: Plan) {
    const { sessionOffsets } = sessions;
    this.#sessions = sessions;
    this.ranks = emptyRanks(predictions, counts.length, contextWidth(sessions));
    for (let session = 0; session < counts.length; session++) {
      this.ranks.sessionLengths[session] = sessionOffsets[session + 1] - sessionOffsets[session];
    }
    this.#next = new Int32Array(counts.length);
    for (let session = 1; session < counts.length; session++) {
      this.#next[session] = this.#next[session - 1] + counts[session - 1];
    }
  }

  add(kept: { session: number; position: number; target: number; rank: number; equal: number }): void {
    const at = this.#next[kept.session]++;
    this.ranks.session[at] = kept.session;
    this.ranks.position[at] = kept.position;
    this.ranks.target[at] = kept.target;
    this.ranks.rank[at] = kept.rank;
    this.ranks.equal[at] = kept.equal;
    const { targetContext } = this.ranks;
    const { context, sessionOffsets } = this.#sessions;
    if (!targetContext || !context) return;
    const width = targetContext.length / this.ranks.rank.length;
    const event = sessionOffsets[kept.session] + kept.position;
    targetContext.set(context.subarray(event * width, (event + 1) * width), at * width);
  }
}

/** Joins the ranks of parts, one or more; sessions are numbered consecutively. The only part is not copied. */
export function joinRanks(parts: readonly Ranks[]): Ranks {
  if (parts.length === 1) return parts[0];
  const width = Math.max(0, ...parts.map(widthOf));
  const joined = emptyRanks(total(parts, 'rank'), total(parts, 'sessionLengths'), width);
  let prediction = 0;
  let session = 0;
  for (const part of parts) {
    for (const name of ['position', 'target', 'rank', 'equal'] as const)
      joined[name].set(part[name], prediction);
    joined.session.set(
      part.session.map((number) => session + number),
      prediction,
    );
    joined.sessionLengths.set(part.sessionLengths, session);
    joined.targetContext?.set(part.targetContext ?? [], prediction * width);
    prediction += part.rank.length;
    session += part.sessionLengths.length;
  }
  return joined;
}

function total(parts: readonly Ranks[], name: 'rank' | 'sessionLengths'): number {
  return parts.reduce((sum, part) => sum + part[name].length, 0);
}

function widthOf({ rank, targetContext }: Ranks): number {
  return targetContext && rank.length > 0 ? targetContext.length / rank.length : 0;
}

function emptyRanks(predictions: number, sessions: number, contextWidth: number): Ranks {
  return {
    session: new Int32Array(predictions),
    position: new Int32Array(predictions),
    target: new Int32Array(predictions),
    rank: new Float64Array(predictions),
    equal: new Int32Array(predictions),
    sessionLengths: new Int32Array(sessions),
    targetContext: contextWidth > 0 ? new Int32Array(predictions * contextWidth).fill(-1) : undefined,
  };
}
