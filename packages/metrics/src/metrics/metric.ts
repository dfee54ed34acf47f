/** A metric of single predictions. An evaluation reports its mean over all of them. */
export interface Metric {
  /** Its name in tables and charts, before `@k`. */
  readonly label: string;
  /** Whether a table that is too narrow leaves it out first. */
  readonly secondary?: boolean;
  /**
   * The value of one prediction, from 0 to 1.
   * @param ranks - of the relevant items, one or more, each from 1, no two the same; Infinity for an item that no list has. Read
   *   only.
   * @param cutoff - k, the length of the list.
   */
  readonly of: (ranks: ArrayLike<number>, cutoff: number) => number;
}
