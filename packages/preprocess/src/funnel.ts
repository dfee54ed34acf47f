/** The parts that a row of the funnel speaks of. `all` before the split. */
export type FunnelSplit = 'all' | 'train' | 'validation' | 'test';

/** What is there after a step. */
export interface FunnelRow {
  readonly split: FunnelSplit;
  /** What was done, in words. */
  readonly step: string;
  readonly events: number;
  /** Null where they are not cut yet. */
  readonly sessions: number | null;
  readonly items: number;
  /** Events that this step removed from this split. */
  readonly removedEvents: number;
}

/** Counts of one split. */
export type FunnelCounts = Pick<FunnelRow, 'events' | 'sessions' | 'items'>;

/** Collects the counts after every step; what a step removed is the difference to the row before. */
export class Funnel {
  readonly #rows: FunnelRow[] = [];

  get rows(): readonly FunnelRow[] {
    return this.#rows;
  }

  /** Events that some splits hold by now. */
  events(splits: readonly FunnelSplit[]): number {
    const eventsOf = (split: FunnelSplit) => this.#rows.findLast((row) => row.split === split)?.events ?? 0;
    return splits.reduce((sum, split) => sum + eventsOf(split), 0);
  }

  add(split: FunnelSplit, step: string, counts: FunnelCounts): void {
    const before = this.#rows.findLast((row) => row.split === split);
    this.#rows.push({
      split,
      step,
      ...counts,
      removedEvents: (before?.events ?? counts.events) - counts.events,
    });
  }
}
