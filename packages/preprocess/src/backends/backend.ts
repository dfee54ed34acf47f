import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { BadRows } from '../bad-rows.ts';
import type { InputFormat, TimeUnit } from '../options.ts';

/**
 * An engine of SQL with its dialect. The steps are written once, in the SQL that all engines share; what they say in
 * different ways has a name here.
 */
export interface Backend {
  /** SQL: the row's place in the one order, in table `raw` and in table `sorted`. */
  readonly place: { readonly raw: string; readonly sorted: string };
  /** Known once the log is read. */
  readonly time: TimeSql;
  /** SQL: the tables of `indexItems` with a column `name`, the caller's id. */
  readonly named: { readonly sessions: string; readonly items: string };
  /** SQL: what tells the n-th session of a user in table `cut`, in whatever is quick to compare. */
  sessionOfUser(user: string, n: string): string;
  /** Of the running statement, from 0 to 1; 0 where it cannot be told. */
  readonly progress: number;

  /**
   * Reads all files into table `raw`: `session`, `item`, `time_text`, `event` as text or integers, so that ids stay
   * exact, NULL where nothing stands, and `record` for `LoadedFile.locate`.
   *
   * @param onFile - called before a file is read, with its place among all and their number.
   */
  read(onFile: (file: string, index: number, count: number) => void): Promise<LoadedLog>;
  /** A text as an SQL literal. */
  quote(text: string): string;
  createView(name: string, query: string): Promise<void>;
  createTable(name: string, query: string): Promise<void>;
  drop(name: string): Promise<void>;
  /**
   * Makes table `sorted` (its place in the one order; `session`, `item`, `ms`, `split`) and gives up `judged` and `raw`.
   * There, a session or user is told by its name and its split together, in whatever is quick to compare.
   *
   * @param query - of `pos`, `record`, `session`, `item`, `ms`, `split`. The order is by `ms`, `pos` and then `record`.
   */
  createSorted(query: string): Promise<void>;
  /**
   * Makes table `events` (`ord`, which rises in the one order, `session`, `item`, `ms`, `split`) and gives up its
   * source. There, a session is told by its name and its split together.
   */
  createEvents(source: 'sorted' | 'cut'): Promise<void>;
  /** Makes table `known_items`: `item`, of events whose item has one of these names. `append` alone needs it. */
  learnItems?(names: AsyncIterable<readonly string[]>): Promise<void>;
  /** Removes events. */
  remove(selection: Selection): Promise<void>;
  /** Puts events into another split. */
  move(selection: Selection, split: number): Promise<void>;
  /** Makes table `item_index` of a query of `item`, `support` and `first`: by `first`, `item_index` counts from 0. */
  createItemIndex(query: string): Promise<void>;
  /** All rows, as objects by column. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
  /** The only row, its values as numbers. */
  numbers(sql: string): Promise<Record<string, number>>;
  /** The rows as they come; several may be open at once. What they take is given up at the end, or at `return`. */
  chunks(sql: string): AsyncGenerator<DuckDBDataChunk>;
  close(): Promise<void>;
}

/** Events by one of their columns. */
export interface Selection {
  readonly column: 'session' | 'item' | 'ord';
  /** SQL: a query of that column, its values once each and never NULL. */
  readonly among: string;
  /** Selects those that are not among its rows. */
  readonly isOutside?: boolean;
  /** Of this split alone. */
  readonly split?: number;
}

/** SQL that reads the times of column `time_text`. */
export interface TimeSql {
  /** The unit by its looks, or NULL. */
  readonly unit: string;
  /** Milliseconds since 1970 UTC, rounded to whole ones, or NULL. */
  inMs(unit: TimeUnit): string;
}

/** What was read. */
export interface LoadedLog {
  readonly files: readonly LoadedFile[];
  /** Rows that did not make it to table `raw`. */
  readonly badRows: BadRows;
}

/** A file whose rows are in table `raw`. */
export interface LoadedFile {
  /** As the caller gave it. */
  readonly file: string;
  readonly format: InputFormat;
  readonly isTest: boolean;
  /** Places in table `raw`: from the first to before the end. */
  readonly firstRow: number;
  readonly endRow: number;
  /** How many rows there are. */
  readonly rows: number;
  /** Whether its times are timestamps or dates by their type, which need no unit. */
  readonly hasTimestamps: boolean;
  /** The lines of some rows, or records of a Parquet file, from 1. The rows come in order. */
  locate(rows: readonly RowPlace[]): Promise<number[]>;
}

/** Where a row came from: its place in table `raw`, and what the backend noted beside it. */
export interface RowPlace {
  readonly pos: number;
  readonly record: number | undefined;
}
