import type { ScoringSession, TargetRanks } from '@gru4rec/metrics';
import type { BaseRow } from './base-row.ts';
import { ChangedItems } from './changed-items.ts';
import { RowRanking, type SparseRow } from './row-ranking.ts';

/** The sessions of all slots, whose rows differ from a base row in few items. */
export interface SlotRows {
  /** Takes one more event of a slot. */
  follow(slot: number, item: number, starts: boolean): void;
  /** Scores a slot after its last event: calls `set` once for each item whose score differs from the base row. */
  score(slot: number, set: (item: number, score: number) => void): void;
}

/** A session whose rows are known as the items that differ from a base row. */
export interface SparseSession extends ScoringSession {
  readonly follow: NonNullable<ScoringSession['follow']>;
  /**
   * Scores a slot after the latest event that it followed, without a row of all items.
   *
   * @param k - of `least`.
   * @param length - the least number of items, at most all.
   */
  sparse(slot: number, k: number, length: number): SparseRow;
}

/** Whether a session is a `SparseSession`, as those of all baselines but BPR-MF are. */
export function isSparse(session: ScoringSession): session is SparseSession {
  return 'sparse' in session;
}

/** Rows that depend on the last item of a session only. @param score - scores the sessions that end with an item. */
export function rowsByLastItem(
  slots: number,
  score: (last: number, set: (item: number, score: number) => void) => void,
): SlotRows {
  const last = new Int32Array(slots);
  return {
    follow: (slot, item) => {
      last[slot] = item;
    },
    score: (slot, set) => score(last[slot], set),
  };
}

/**
 * Opens a session whose rows of scores differ from a base row in few items. Ranking takes O(changed items + k) per slot and
 * 4 bytes of memory per item; rows [slots × I] are allocated only when scores are read.
 *
 * @param base - the scores of an idle slot, and of all items that are not set.
 * @throws RangeError if `slots` is not an integer ≥ 1.
 */
export function openRows(base: BaseRow, slots: number, open: (slots: number) => SlotRows): SparseSession {
  const itemCount = base.scores.length;
  checkSlots(slots);
  const sessions = open(slots);
  const rows = Array.from({ length: slots }, () => new ChangedItems());
  const ranking = new RowRanking(base);
  let scores: Float64Array | undefined;
  const follow = (input: Int32Array, resetMask: Float32Array): void => {
    checkInput(input, slots, itemCount);
    for (let slot = 0; slot < slots; slot++) {
      if (input[slot] >= 0) sessions.follow(slot, input[slot], resetMask[slot] === 1);
    }
  };
  const clear = (slot: number): ChangedItems => {
    const row = rows[slot];
    if (scores)
      for (const item of row.items.subarray(0, row.count))
        scores[slot * itemCount + item] = base.scores[item];
    row.count = 0;
    return row;
  };
  const advance = (input: Int32Array, resetMask: Float32Array): void => {
    follow(input, resetMask);
    for (let slot = 0; slot < slots; slot++) {
      const row = clear(slot);
      if (input[slot] >= 0) sessions.score(slot, row.set);
    }
  };
  return {
    follow,
    step(input, resetMask) {
      advance(input, resetMask);
      scores ??= repeat(base.scores, slots);
      for (const [slot, row] of rows.entries()) row.writeTo(scores.subarray(slot * itemCount));
      return scores;
    },
    top: (slot, k) => ranking.top(rows[slot], k),
    sparse(slot, k, length) {
      const row = clear(slot);
      sessions.score(slot, row.set);
      return ranking.sparse(row, k, length);
    },
    rank(input, resetMask, target, k) {
      advance(input, resetMask);
      const ranks = createTargetRanks(slots, k);
      for (let slot = 0; slot < slots; slot++) {
        if (target[slot] < 0) continue;
        const { better, equal, top } = ranking.rank(rows[slot], target[slot], k);
        ranks.better[slot] = better;
        ranks.equal[slot] = equal;
        for (let place = 0; place < k; place++) ranks.top[place * slots + slot] = top[place];
      }
      return ranks;
    },
    close() {},
  };
}

/** @throws RangeError if `slots` is not an integer ≥ 1. */
export function checkSlots(slots: number): void {
  if (Number.isInteger(slots) && slots >= 1) return;
  throw new RangeError(`open: "slots" expected integer >= 1, got ${slots}.`);
}

/** @throws RangeError if `input` does not have an item index or −1 per slot. */
export function checkInput(input: Int32Array, slots: number, itemCount: number): void {
  if (input.length !== slots) {
    throw new RangeError(`step: "input" expected ${slots} entries, got ${input.length}.`);
  }
  for (let slot = 0; slot < slots; slot++) {
    if (input[slot] >= -1 && input[slot] < itemCount) continue;
    throw new RangeError(
      `step: "input" expected integer in [-1, ${itemCount}) at slot ${slot}, got ${input[slot]}.`,
    );
  }
}

function repeat(row: Float64Array, times: number): Float64Array {
  const rows = new Float64Array(times * row.length);
  for (let place = 0; place < times; place++) rows.set(row, place * row.length);
  return rows;
}

function createTargetRanks(slots: number, k: number): TargetRanks {
  return { better: new Float64Array(slots), equal: new Float64Array(slots), top: new Int32Array(k * slots) };
}
