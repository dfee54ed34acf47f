import type { EventCounts } from './event-counts.ts';
import { splitNumbers } from './sessionize.ts';

const DAY_MS = 86_400_000;

/**
 * Moves the training sessions whose last event is in the last `days` of the training events to another split. This is the
 * rule of the usual RSC15 preprocessing.
 */
export async function splitLastDays(
  counts: EventCounts,
  split: 'validation' | 'test',
  days: number,
): Promise<void> {
  await counts.moveLast(Math.round(days * DAY_MS), splitNumbers[split]);
}
