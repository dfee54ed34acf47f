import { type EventSet, splitNumbers } from './events/event-set.ts';

/** `all` before the dataset is split. */
export type FunnelSplit = 'all' | 'train' | 'validation' | 'test';

/** Counts of a split after a step. */
export interface FunnelRow {
  readonly split: FunnelSplit;
  readonly step: string;
  readonly events: number;
  /** Null before users' events are cut into sessions. */
  readonly sessions: number | null;
  readonly items: number;
  /** Removed from the split by the step. */
  readonly removedEvents: number;
}

export type RowsCounted = Omit<FunnelRow, 'split' | 'removedEvents'>;

/** The number of removed events is the difference to the previous row of the split. */
export class Funnel {
  readonly #rows: FunnelRow[] = [];

  get rows(): readonly FunnelRow[] {
    return this.#rows;
  }

  events(splits: readonly FunnelSplit[]): number {
    const eventsOf = (split: FunnelSplit) => this.#rows.findLast((row) => row.split === split)?.events ?? 0;
    return splits.reduce((sum, split) => sum + eventsOf(split), 0);
  }

  async record(events: EventSet, step: string, splits: readonly FunnelSplit[]): Promise<void> {
    for (const split of splits) {
      this.add(split, step, await events.count(split === 'all' ? undefined : splitNumbers[split]));
    }
  }

  add(split: FunnelSplit, step: string, counts: Omit<RowsCounted, 'step'>): void {
    const before = this.#rows.findLast((row) => row.split === split);
    this.#rows.push({
      split,
      step,
      ...counts,
      removedEvents: (before?.events ?? counts.events) - counts.events,
    });
  }
}
