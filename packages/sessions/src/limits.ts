import { maxRatio } from '@gru4rec/arrow-ipc';
import type { FileRecord } from './manifest.ts';

/** Padding of a buffer. */
const PADDING = 64;

/** Maximum uncompressed bytes of a file of this size and compression. */
export function mostBytes({ bytes, compression }: FileRecord): number {
  return compression === undefined ? bytes : bytes * maxRatio(compression);
}

/** Maximum bytes of each buffer of a batch of items, in schema order: `id`, `support`. */
export function itemLimits(items: number): number[] {
  return [...textLimits(items), bits(items), numbers(items, 4)];
}

/**
 * Maximum bytes of each buffer of a batch of sessions, in schema order: `id`, `items`, `times`, context columns.
 * @param contextColumns - their number.
 */
export function sessionLimits(
  { sessions, events }: { sessions: number; events: number },
  contextColumns: number,
): number[] {
  const list = [bits(sessions), numbers(sessions + 1, 4), bits(events)];
  const context = Array.from({ length: contextColumns }, () => [...list, numbers(events, 2)]).flat();
  return [...textLimits(sessions), ...list, numbers(events, 4), ...list, numbers(events, 8), ...context];
}

/** The manifest does not limit the bytes of the strings. */
function textLimits(rows: number): number[] {
  return [bits(rows), numbers(rows + 1, 4), Number.POSITIVE_INFINITY];
}

function bits(count: number): number {
  return Math.ceil(count / 8) + PADDING;
}

function numbers(count: number, bytes: number): number {
  return count * bytes + PADDING;
}
