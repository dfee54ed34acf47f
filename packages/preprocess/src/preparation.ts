import type { ItemIdTable } from '@gru4rec/item-ids';
import type { LineCounts } from '@gru4rec/item-info';
import type { DatasetManifest } from '@gru4rec/sessions';
import type { Funnel, FunnelRow } from './funnel.ts';
import type { CheckedOptions, TimeUnit } from './options.ts';
import type { ProgressReporter } from './progress.ts';
import type { LogReader } from './reading/read-log.ts';
import type { LateSessions } from './steps/late.ts';

/** The folders of a preparation, and facts of the dataset that `append` extends. */
export interface Workplace {
  /** An empty folder for the dataset. */
  readonly folder: string;
  /** An empty folder for temporary files. */
  readonly scratch: string;
  /** Ids of items that no filter by support removes. */
  readonly knownItems?: () => AsyncIterable<readonly string[]>;
  /** Not given: no session is late. */
  readonly lateSessions?: LateSessions;
  /** Ends of the sessions of the dataset that is extended, in ascending order, for `keepMs`. */
  readonly sessionEnds?: Float64Array;
}

/** The dataset's manifest, and counts of events after each step. */
export interface PrepareReport {
  readonly manifest: DatasetManifest;
  readonly funnel: readonly FunnelRow[];
  readonly badRows: number;
  readonly timeUnit: TimeUnit;
  /** With `keepMs`: sessions whose last event is before this time were removed. */
  readonly keptFrom?: number | undefined;
  /** What may be wrong with the times or splits, in one line each. */
  readonly warnings: readonly string[];
  /** Rows of the items file that were kept, and of items that the dataset lacks; undefined without the file. */
  readonly itemInfo?: LineCounts | undefined;
  /** Items of the dataset without training events. */
  readonly coldItems: number;
}

/** What the steps share. */
export interface Preparation {
  readonly reader: LogReader;
  readonly options: CheckedOptions;
  readonly workplace: Workplace;
  /** Ids of the available items of the items file. */
  readonly catalogue: ItemIdTable | undefined;
  readonly funnel: Funnel;
  readonly progress: ProgressReporter;
  /** What the steps so far report. */
  readonly report: { -readonly [Name in keyof PrepareReport]?: PrepareReport[Name] };
}
