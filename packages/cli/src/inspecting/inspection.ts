import type { ContextFigures } from './context-columns.ts';
import type { Concentration, eventsOverTime, lifetimes, repeats, sessionLengths } from './figures.ts';
import type { ColumnFigures } from './item-columns.ts';
import type { OrderFigures } from './order.ts';

/**
 * What `inspect` found in a dataset, and its JSON: figures of the training split unless another is named. Shares are between
 * 0 and 1.
 */
export interface Inspection {
  readonly format: 'gru4rec-inspection';
  readonly version: 1;
  readonly data: string;
  readonly items: number;
  /** Items without training clicks, which the other figures leave out. */
  readonly coldItems: number;
  readonly splits: Readonly<Record<string, { readonly sessions: number; readonly events: number }>>;
  readonly lengths: ReturnType<typeof sessionLengths>;
  readonly concentration: Concentration;
  readonly repeats: ReturnType<typeof repeats>;
  readonly time: ReturnType<typeof eventsOverTime>;
  readonly lifetime: ReturnType<typeof lifetimes>;
  /** Of the test split, or else of the validation split; absent without either. */
  readonly heldOut?: {
    readonly split: 'test' | 'validation';
    /** Share of its clicks on items unseen in training, which `prepare` removed; absent if it is not recorded. */
    readonly unseen?: number;
    /** Share of its sessions of three distinct items or more that have exactly the items of a training session. */
    readonly duplicates: number;
    readonly laterTraining: number;
    readonly repeats: ReturnType<typeof repeats>;
  };
  /** Columns of the items file; absent without it. */
  readonly columns?: readonly ColumnFigures[];
  /** Context columns of clicks; absent without any. */
  readonly context?: readonly ContextFigures[];
  /** Absent without a held-out split or with `--no-order`. */
  readonly order?: OrderFigures;
  readonly advice: readonly string[];
}
