import { createHash } from 'node:crypto';
import type { TestSessions } from '@gru4rec/metrics';
import type { TrainingData } from './training-data.ts';

/** Ids hashed at once, and bytes: a hash takes less than 2 GiB. */
const IDS_AT_ONCE = 4096;
const BYTES_AT_ONCE = 1 << 28;

/**
 * Names what a run trains and validates on, down to the order of items and sessions.
 * @returns SHA-256 in hexadecimal digits.
 */
export function dataChecksum(data: TrainingData, validation?: TestSessions): string {
  const hash = createHash('sha256');
  const { itemIds, support, train } = data;
  for (let at = 0; at < itemIds.length; at += IDS_AT_ONCE) {
    hash.update(JSON.stringify(itemIds.slice(at, at + IDS_AT_ONCE)));
  }
  const arrays = [support, train.sessionOffsets, train.items, train.sessionStartTimes];
  if (validation) arrays.push(validation.sessionOffsets, validation.items);
  for (const { buffer, byteOffset, byteLength } of arrays) {
    hash.update(`;${byteLength};`);
    for (let at = 0; at < byteLength; at += BYTES_AT_ONCE) {
      hash.update(new Uint8Array(buffer, byteOffset + at, Math.min(BYTES_AT_ONCE, byteLength - at)));
    }
  }
  return hash.digest('hex');
}
