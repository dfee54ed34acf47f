import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { BadRows } from '../bad-rows.ts';
import type { InputFormat, TimeUnit } from '../options.ts';

/** What differs between SQL engines; they share the steps. */
export interface Backend {
  /** SQL: the position of a row in the order of input, in table `raw` and in table `sorted`. */
  readonly place: { readonly raw: string; readonly sorted: string };
  /** SQL for times; available after `read`. */
  readonly time: TimeSql;
  /** SQL: the tables of `indexItems` with a column `name`, the original id. */
  readonly named: { readonly sessions: string; readonly items: string };
  /** SQL: a key of the n-th session of a user in table `cut`, of a type that compares fast. */
  sessionOfUser(user: string, n: string): string;
  /** Progress of the running statement, from 0 to 1; 0 if unknown. */
  readonly progress: number;

  /**
   * Reads all files into table `raw`: `session`, `item`, `event` as text or integers, NULL if empty; what `time`
   * reads; `record` for `LoadedFile.locate`; `context`, the `contextText` of the context columns.
   */
  read(onFile: OnFile): Promise<LoadedLog>;
  quote(text: string): string;
  createView(name: string, query: string): Promise<void>;
  createTable(name: string, query: string): Promise<void>;
  replaceTable(name: string, query: string): Promise<void>;
  drop(name: string): Promise<void>;
  /**
   * Creates table `sorted` (position, `session`, `item`, `ms`, `split`) and drops `judged` and `raw`; `session` is
   * a key of name and split.
   * @param query - selects `pos`, `record`, `session`, `item`, `ms`, `split`, and with kept columns `context`, the
   * number in table `contexts`, which all further tables of events then have. Sorted by `ms`, `pos`, `record`.
   */
  createSorted(query: string): Promise<void>;
  /**
   * Creates table `events` (`ord`, in sorted order, `session`, a key of name and split, `item`, `ms`, `split`) and
   * drops its source.
   */
  createEvents(source: 'sorted' | 'cut'): Promise<void>;
  /** Creates table `known_items`: each `item` of the events with one of these names; others may be in it too. */
  learnItems(names: AsyncIterable<readonly string[]>): Promise<void>;
  remove(selection: EventSelection): Promise<void>;
  move(selection: EventSelection, split: number): Promise<void>;
  /**
   * Creates table `item_index` from a query of `item`, `support` and `first`, in whose order it counts from 0; items of support
   * 0 come last.
   */
  createItemIndex(query: string): Promise<void>;
  rows(sql: string): Promise<Record<string, unknown>[]>;
  numbers<Name extends string>(sql: string): Promise<Record<Name, number>>;
  /** Several streams may be open. Resources are freed at the end, or by `return`. */
  chunks(sql: string): AsyncGenerator<DuckDBDataChunk>;
  close(): Promise<void>;
}

export type OnFile = (file: string, index: number, count: number) => void;

export interface EventSelection {
  readonly column: 'session' | 'item' | 'ord';
  readonly among: string;
  readonly split?: number | undefined;
}

export interface TimeSql {
  /** As it is in the file. */
  readonly text: string;
  /** The unit that its form suggests, or NULL. */
  readonly unit: string;
  /** Milliseconds since 1970 UTC, rounded to integers, or NULL. */
  inMs(unit: TimeUnit): string;
}

export interface LoadedLog {
  readonly files: readonly LoadedFile[];
  readonly badRows: BadRows;
}

export interface LoadedFile {
  readonly file: string;
  readonly format: InputFormat;
  readonly isTest: boolean;
  readonly firstRow: number;
  readonly endRow: number;
  readonly rows: number;
  /** Whether its time column has a timestamp or date type, which needs no unit. */
  readonly hasTimestamps: boolean;
  /** Finds line numbers, or record numbers in a Parquet file, from 1. @param rows - in order. */
  locate(rows: readonly RowPlace[]): Promise<number[]>;
}

export interface RowPlace {
  readonly pos: number;
  readonly record: number | undefined;
}

/** Smaller numbers are seconds (to the year 5138), those from a thousand times as much on microseconds. */
export const MS_FROM = 100_000_000_000;

export const MIN_STAMP = -62_135_596_800_000;
/** The greatest valid timestamp in milliseconds, of 14 digits. */
export const MAX_STAMP = 99_999_999_999_999;
