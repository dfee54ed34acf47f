import { fraction, secondsAlike } from './figures.ts';
import type { Table } from './table.ts';

/** Recall and MRR of some next clicks. A target that is in no list, or not known, is a miss. */
export interface ReplayFigures {
  readonly predictions: number;
  readonly recall: number;
  readonly mrr: number;
}

/** A difference with its 95 % interval by session. */
export interface ReplayDifference {
  readonly difference: number;
  readonly interval: readonly [low: number, high: number];
}

export interface ReplayedContender extends ReplayFigures {
  readonly name: string;
  /** Only the targets that the model was trained on before the replay. */
  readonly warm: ReplayFigures;
  /** Only the other targets: the model did not know them, or only from an items file. */
  readonly cold: ReplayFigures;
  /** Seconds spent learning or fitting. */
  readonly seconds: number;
  /** The first contender's figures minus those of this one; absent for the first. */
  readonly difference?: Readonly<Record<'recall' | 'mrr', ReplayDifference>> | undefined;
}

/** The result of a replay. */
export interface ReplayReport {
  /** Length of the recommendation lists. */
  readonly cutoff: number;
  /** Whether lists have no items that their session has clicked. */
  readonly excludeSeen: boolean;
  readonly contenders: readonly ReplayedContender[];
  /** Periods with predictions, in order; `figures` in the order of the contenders. */
  readonly periods: readonly { readonly startMs: number; readonly figures: readonly ReplayFigures[] }[];
}

/** What the output of a replay with `excludeSeen` says. */
export const SEEN_EXCLUDED = ' Lists have no items of their session: a repeated click is a miss.';

/** The figures of a replay over all predictions, and what the first contender gains over the others in recall. */
export function replayTable({ cutoff, contenders }: ReplayReport): Table {
  const learning = secondsAlike(contenders.map(({ seconds }) => seconds));
  return {
    columns: [
      { head: 'contender' },
      ...[`recall@${cutoff}`, `MRR@${cutoff}`, 'recall of warm targets', 'recall of cold targets'].map(
        (head) => ({ head, format: fraction }),
      ),
      { head: `${contenders[0]?.name ?? ''}’s gain`, format: minus, to: ' to ' },
      { head: `learning, ${learning.unit}`, format: learning.format },
    ],
    rows: contenders.map(({ name, recall, mrr, warm, cold, seconds, difference }) => {
      const gain = difference && { ...difference.recall, mean: difference.recall.difference };
      return [name, recall, mrr, warm.recall, cold.recall, gain, seconds];
    }),
  };
}

/** A fraction with a minus sign that is not a hyphen. */
function minus(value: number): string {
  return fraction(value).replace('-', '−');
}
