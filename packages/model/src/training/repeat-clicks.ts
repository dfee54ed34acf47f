import type { SessionArrays } from '@gru4rec/metrics';
import type { FloatArray } from '@gru4rec/program';
import { historyLength } from '../programs/repeats.ts';
import type { ScoringOptions } from '../scoring.ts';
import { scoredClicks } from './scored-clicks.ts';

/** Items outside the session that compete with its items: the items with the greatest scores, as many as a list has. */
const OTHERS = 20;

/** A click, with the scores of the items that a bias of the session's items can move it past. */
export interface RepeatClick {
  /** Scores of the session's last distinct items, the most recent first; at most K. */
  readonly history: Float64Array;
  /** The greatest scores of other items, in no order. */
  readonly others: Float64Array;
  /** Place of the clicked item in `history`; −1 if it is another item. */
  readonly place: number;
  /** Score of the clicked item. */
  readonly target: number;
}

/**
 * Scores the clicks of held-out sessions without a repeat bias. A click whose item is neither in the session nor among the
 * best others is left out, because no bias could recommend it.
 *
 * @param options - `config` with a repeat bias; `load` gives a runtime with the model's parameters. `slots` is not used.
 * @param pause - called once per step of up to 64 clicks.
 */
export async function collectRepeatClicks(
  { config, ...model }: Omit<ScoringOptions, 'slots'>,
  sessions: SessionArrays,
  pause: () => Promise<void> | undefined,
): Promise<RepeatClick[]> {
  const plain = { ...config, repeatBias: 'none' } as const;
  const clicks: RepeatClick[] = [];
  const scored = scoredClicks({ ...model, config: plain }, sessions, pause, historyLength(config));
  for await (const { scores, history, target } of scored) {
    const click = clickOf(scores, history, target);
    if (click) clicks.push(click);
  }
  return clicks;
}

/** @returns undefined if the target is neither in the history nor among the best others. */
function clickOf(scores: FloatArray, padded: Int32Array, target: number): RepeatClick | undefined {
  const end = padded.indexOf(-1);
  const history = end < 0 ? padded : padded.subarray(0, end);
  const others = bestOthers(scores, history);
  const place = history.indexOf(target);
  const score = Number(scores[target]);
  if (place < 0 && !others.includes(score)) return undefined;
  return {
    history: Float64Array.from(history, (item) => Number(scores[item])),
    others,
    place,
    target: score,
  };
}

/** The greatest scores of items that are not in the history. */
function bestOthers(scores: FloatArray, history: Int32Array): Float64Array {
  const best = new Float64Array(OTHERS).fill(Number.NEGATIVE_INFINITY);
  let count = 0;
  let least = 0;
  for (let item = 0; item < scores.length; item++) {
    const score = Number(scores[item]);
    if (count === OTHERS && score <= Number(best[least])) continue;
    if (history.includes(item)) continue;
    best[count < OTHERS ? count++ : least] = score;
    if (count === OTHERS) least = indexOfLeast(best);
  }
  return best.subarray(0, count);
}

function indexOfLeast(values: Float64Array): number {
  let at = 0;
  for (let i = 1; i < values.length; i++) if (Number(values[i]) < Number(values[at])) at = i;
  return at;
}
