import { splitNumbers } from '../steps/split-numbers.ts';
import { type EventHours, HOUR_MS } from './event-set.ts';
import type { EventColumns } from './order-sessions.ts';

/** Time of the first event of each session, Infinity if it has none. */
export function startTimes({ sessions, times }: EventColumns, count: number): Float64Array {
  const starts = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  for (let event = sessions.length - 1; event >= 0; event--) {
    starts[sessions[event] as number] = times[event] as number;
  }
  return starts;
}

/** Time of the last event of each session, -Infinity if it has none. */
export function endTimes({ sessions, times }: EventColumns, count: number): Float64Array {
  const ends = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  for (let event = 0; event < sessions.length; event++) {
    ends[sessions[event] as number] = times[event] as number;
  }
  return ends;
}

/** Counts the events of each split per hour. @param splits - by session. */
export function hoursBySplit(
  { sessions, times }: EventColumns,
  splits: Uint8Array,
): ReadonlyMap<number, EventHours> {
  const hours = Object.values(splitNumbers).map(() => [] as { hour: number; events: number }[]);
  const counts = new Int32Array(hours.length);
  let [hour, end] = [0, Number.NEGATIVE_INFINITY];
  const endHour = () => {
    for (const [split, own] of hours.entries()) {
      const events = counts[split] as number;
      if (events > 0) own.push({ hour, events });
    }
    counts.fill(0);
  };
  for (let event = 0; event < sessions.length; event++) {
    const time = times[event] as number;
    if (time >= end) {
      endHour();
      hour = Math.floor(time / HOUR_MS);
      end = (hour + 1) * HOUR_MS;
    }
    const split = splits[sessions[event] as number] as number;
    counts[split] = (counts[split] as number) + 1;
  }
  endHour();
  return new Map(hours.entries());
}
