import { maxRatio } from '@gru4rec/arrow-ipc';
import type { FileRecord } from './manifest.ts';

/** Buffers are padded. */
const PADDING = 64;

/** The most bytes that a file of this size and packing can hold, unpacked. */
export function mostBytes({ bytes, compression }: FileRecord): number {
  return compression === undefined ? bytes : bytes * maxRatio(compression);
}

/** The most bytes of each buffer of a batch of items, in order of the schema: `id`, `support`. */
export function itemLimits(items: number): number[] {
  return [...textLimits(items), bits(items), numbers(items, 4)];
}

/** The most bytes of each buffer of a batch of sessions, in order of the schema: `id`, `items`, `times`. */
export function sessionLimits({ sessions, events }: { sessions: number; events: number }): number[] {
  const list = [bits(sessions), numbers(sessions + 1, 4), bits(events)];
  return [...textLimits(sessions), ...list, numbers(events, 4), ...list, numbers(events, 8)];
}

/** Of the texts themselves the manifest says nothing. */
function textLimits(rows: number): number[] {
  return [bits(rows), numbers(rows + 1, 4), Number.POSITIVE_INFINITY];
}

function bits(count: number): number {
  return Math.ceil(count / 8) + PADDING;
}

function numbers(count: number, bytes: number): number {
  return count * bytes + PADDING;
}
