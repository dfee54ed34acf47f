import type { AddedItems, LearnerOptions } from '@gru4rec/model';
import type { LogPlaces, LogPosition } from '../event-log/log-lines.ts';
import type { LearnStop } from './learner-folder.ts';
import type { SharedModel } from './shared-model.ts';

/** How the learner of a server learns. */
export type LearnSettings = Omit<LearnerOptions, 'engine' | 'counts' | 'state'>;

export interface LearnData {
  readonly events: string;
  readonly others?: readonly string[];
  /** How long lines of these must have been there to be learnt (2 s). */
  readonly settledMs?: number;
  /** Where it begins if it has learnt nothing from a model that does not record the last day of its dataset. */
  readonly from: LogPlaces;
  /** Whether another one learns meanwhile, in whose place it comes when it is asked to. It locks and saves nothing until then. */
  readonly isNext?: boolean;
  readonly output: string;
  readonly settings: LearnSettings;
  readonly guardShare: number;
}

/** It is answered with one message, in order. */
export interface LearnRequest {
  readonly to: LogPlaces;
  readonly publish?: boolean;
  readonly save?: boolean;
  readonly close?: boolean;
  /** Only for the next one, when the one before has ended. */
  readonly takesOver?: boolean;
  /** Made known first of all, with the features that the model which learning began with gives them. */
  readonly items?: AddedItems | undefined;
  readonly forget?: Iterable<string>;
}

export interface LearnStatus {
  readonly clicks: number;
  readonly pairs: number;
  readonly dropped: number;
  readonly newItems: number;
  readonly learnt: LogPlaces;
  /** Behind the line of that log that was learnt last. */
  readonly position: LogPosition;
  /** Why the log was not read or the model not saved, since the save before the latest. */
  readonly error: string | undefined;
  /** Sessions whose next click one of both listed higher. */
  readonly guard: { readonly learner: number; readonly frozen: number; readonly evidence: number };
  readonly stopped: LearnStop | undefined;
  /** Where in the log it begins, and why, if it does not go on from what an earlier process learnt. */
  readonly begins: string | undefined;
  /** Lines that this process read in pauses, and did not learn. */
  readonly skipped: number;
}

export type FromLearner =
  | {
      readonly kind: 'done';
      readonly status: LearnStatus;
      readonly model: SharedModel | undefined;
    }
  | { readonly kind: 'failed'; readonly message: string };
