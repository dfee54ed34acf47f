import { DataError } from '@gru4rec/sessions';
import type { EventSet } from '../events/event-set.ts';
import type { CutSplit, SplitRule } from '../split-options.ts';
import { splitNumbers } from './split-numbers.ts';

const DAY_MS = 86_400_000;
/** Share of the training events that are later than the bulk of them. */
const OUTSIDE_BULK = 0.001;

/** A split to cut off, and what its rule refers to. */
export interface Cut {
  readonly split: CutSplit;
  readonly rule: SplitRule;
  /** Training sessions before any split. */
  readonly sessions: number;
  /** Named in errors. */
  readonly file: string;
}

/**
 * Moves training sessions to another split by the time of their last event. By days this is the rule of the usual RSC15
 * preprocessing.
 *
 * @throws DataError if the split begins after all sessions.
 */
export async function cutOff(events: EventSet, { split, rule, sessions, file }: Cut): Promise<void> {
  const to = splitNumbers[split];
  if ('fraction' in rule) return events.moveLatest(Math.round(rule.fraction * sessions), to);
  if ('days' in rule) {
    const end = await events.endTime(rule.fromBulk ? OUTSIDE_BULK : 0);
    return events.moveFrom(end - Math.round(rule.days * DAY_MS), to);
  }
  const last = await events.endTime(0);
  if (rule.fromMs > last) {
    const [got, expected] = [rule.fromMs, last].map((ms) => new Date(ms).toISOString());
    const message = `prepare: "${split}From" expected a time up to ${expected}, when the last session ends, got ${got}, at ${file}. Choose an earlier time.`;
    throw new DataError(message, { file });
  }
  await events.moveFrom(rule.fromMs, to);
}
