import type { LineCounts } from '@gru4rec/item-info';
import type { DatasetManifest } from '@gru4rec/sessions';
import type { Backend, LoadedFile, PlainEvents } from './backends/backend.ts';
import type { BadRow, BadRows } from './bad-rows.ts';
import type { EventSet } from './events/event-set.ts';
import { SqlEvents } from './events/sql-events.ts';
import { Funnel, type FunnelSplit } from './funnel.ts';
import type { CheckedOptions, TimeUnit } from './options.ts';
import { type CutSplit, splitRule } from './split-options.ts';
import type { LateSessions } from './steps/late.ts';
import { splitNumbers } from './steps/split-numbers.ts';

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
}

/** The shared state of a preparation's steps. */
export interface Preparation {
  readonly db: Backend;
  /** Available once the rows are sorted into sessions. */
  events: EventSet;
  readonly options: CheckedOptions;
  readonly workplace: Workplace;
  readonly funnel: Funnel;
  files: readonly LoadedFile[];
  /** Undefined: rows are in table `raw`. */
  plain: PlainEvents | undefined;
  /** Rows that could not be read. */
  unreadable: BadRows;
  /** Bad rows among those that were read, up to the limit of the list. */
  bad: readonly BadRow[];
  /** Number of rows that become events. */
  kept: number;
  /** Number of bad rows of both kinds. */
  badRows: number;
  /** Undefined until it is detected, or if no time is valid. */
  timeUnit: TimeUnit | undefined;
  /** Whether every row becomes an event, so that the rows need not be counted. */
  isWhole: boolean;
  manifest: DatasetManifest | undefined;
  /** What may be wrong with the times or splits. */
  warnings: readonly string[];
  /** Undefined without an items file. */
  itemInfo: LineCounts | undefined;
}

/** A preparation before its first step. */
export function newPreparation(db: Backend, options: CheckedOptions, workplace: Workplace): Preparation {
  return {
    db,
    events: new SqlEvents(db),
    options,
    workplace,
    funnel: new Funnel(),
    files: [],
    plain: undefined,
    unreadable: { count: 0, listed: [] },
    bad: [],
    kept: 0,
    badRows: 0,
    timeUnit: options.timeUnit,
    isWhole: false,
    manifest: undefined,
    warnings: [],
    itemInfo: undefined,
  };
}

/** The splits other than `train`. */
export function heldOutSplits(options: CheckedOptions): CutSplit[] {
  const hasTest = splitRule(options, 'test') !== undefined || options.testInputs !== undefined;
  return [
    ...(splitRule(options, 'validation') ? ['validation' as const] : []),
    ...(hasTest ? ['test' as const] : []),
  ];
}

/** Adds a row per split to the funnel. */
export async function record(
  { events, funnel }: Preparation,
  step: string,
  splits: readonly FunnelSplit[],
): Promise<void> {
  for (const split of splits) {
    funnel.add(split, step, await events.count(split === 'all' ? undefined : splitNumbers[split]));
  }
}
