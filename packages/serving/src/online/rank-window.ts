import { setImmediate } from 'node:timers/promises';
import { bootstrapIntervals, metrics } from '@gru4rec/metrics';
import { z } from 'zod';

/** Lower and upper bound of 95 %. */
const interval = z.tuple([z.number(), z.number()]).nullable();

export const onlineFigures = z.object({
  k: z.int().describe('Length of the list'),
  sessions: z.int(),
  predictions: z.int().describe('Clicks that followed a list of k items or more'),
  recall: z.number(),
  recallInterval: interval.describe('95 %; null with fewer than 30 sessions'),
  mrr: z.number(),
  mrrInterval: interval,
});

/** Figures of the next clicks of sessions, at one length of the list. */
export type OnlineFigures = z.output<typeof onlineFigures>;

/** With fewer, `@gru4rec/metrics` warns of intervals. */
const MIN_SESSIONS = 30;

/**
 * The most units that are resampled: more sessions are first added up in groups, which are as independent; 10,000
 * sessions then take about 1 ms.
 */
const MAX_UNITS = 200;
const RESAMPLES = 400;

/** Sums per session, of the latest ones. */
export class RankWindow {
  readonly #cutoffs: readonly number[];
  readonly #maxSessions: number;
  /** Per cutoff [maxSessions], in a ring. */
  readonly #counts: readonly Float64Array[];
  readonly #recalls: readonly Float64Array[];
  readonly #mrrs: readonly Float64Array[];
  #opened = 0;

  constructor(cutoffs: readonly number[], maxSessions: number) {
    const sums = () => cutoffs.map(() => new Float64Array(maxSessions));
    this.#cutoffs = cutoffs;
    this.#maxSessions = maxSessions;
    this.#counts = sums();
    this.#recalls = sums();
    this.#mrrs = sums();
  }

  /**
   * @param session - what this returned for the session's click before; undefined at its first one.
   * @param rank - of the clicked item in the list, from 1; Infinity if it is not in it.
   * @param length - of the list. Only cutoffs up to it have a prediction.
   * @returns identifies the session. It gets a new place if it has left the window.
   */
  add(session: number | undefined, rank: number, length: number): number {
    const isKept = session !== undefined && session > this.#opened - 1 - this.#maxSessions;
    const place = isKept ? session : this.#open();
    const at = place % this.#maxSessions;
    for (const [index, k] of this.#cutoffs.entries()) {
      if (length < k) continue;
      this.#counts[index][at]++;
      this.#recalls[index][at] += metrics.recall.of([rank], k);
      this.#mrrs[index][at] += metrics.mrr.of([rank], k);
    }
    return place;
  }

  /** Per cutoff that has a prediction. Other work may run in between. */
  async figures(): Promise<OnlineFigures[]> {
    const found: OnlineFigures[] = [];
    for (const [index, k] of this.#cutoffs.entries()) {
      const figures = this.#figuresAt(index, k);
      if (figures) found.push(figures);
      await setImmediate();
    }
    return found;
  }

  #open(): number {
    const at = this.#opened % this.#maxSessions;
    for (const sums of [...this.#counts, ...this.#recalls, ...this.#mrrs]) sums[at] = 0;
    return this.#opened++;
  }

  #figuresAt(index: number, k: number): OnlineFigures | undefined {
    const [counts, recalls, mrrs] = [this.#counts[index], this.#recalls[index], this.#mrrs[index]];
    const sessions: number[] = [];
    for (let at = 0; at < Math.min(this.#opened, this.#maxSessions); at++) {
      if (counts[at] > 0) sessions.push(at);
    }
    if (sessions.length === 0) return undefined;
    const units = Math.min(sessions.length, MAX_UNITS);
    const [count, recall, mrr] = [counts, recalls, mrrs].map((sums) => {
      const sumsOfUnits = new Float64Array(units);
      for (const [order, at] of sessions.entries()) sumsOfUnits[order % units] += sums[at];
      return sumsOfUnits;
    });
    const predictions = sum(count);
    const [recallInterval, mrrInterval] =
      sessions.length < MIN_SESSIONS
        ? [null, null]
        : bootstrapIntervals([recall, mrr], count, { resamples: RESAMPLES, seed: 1 });
    return {
      ...{ k, sessions: sessions.length, predictions },
      ...{ recall: sum(recall) / predictions, recallInterval },
      ...{ mrr: sum(mrr) / predictions, mrrInterval },
    };
  }
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
