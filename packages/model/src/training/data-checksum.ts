import type { SessionArrays } from '@gru4rec/batcher';
import { platform } from '#platform';
import type { Sha256 } from '../platform.ts';
import { areOnDisk, type PreparedData } from './training-data.ts';

/** Ids and bytes hashed per call; `update` takes less than 2 GiB. */
const IDS_AT_ONCE = 4096;
const BYTES_AT_ONCE = 1 << 28;

/** Sessions that may already have a checksum. */
type NamedSessions = SessionArrays & { readonly checksum?: string };

/**
 * Identifies the data that a run trains and validates on, including the order of items and sessions. Sessions that have a
 * checksum are identified by it.
 * @returns SHA-256 in hexadecimal digits.
 */
export function dataChecksum(
  { itemIds, support, train, features }: PreparedData,
  validation?: NamedSessions,
): string {
  const hash = platform.sha256();
  for (let at = 0; at < itemIds.length; at += IDS_AT_ONCE) {
    hash.update(JSON.stringify(itemIds.slice(at, at + IDS_AT_ONCE)));
  }
  hashArray(hash, support);
  if (features) hashArray(hash, features.table);
  if (features?.vectors) hashArray(hash, features.vectors);
  if (train.checksum !== undefined) hash.update(`;train ${train.checksum}`);
  else if (!areOnDisk(train)) {
    for (const array of [train.sessionOffsets, train.items, train.sessionStartTimes]) hashArray(hash, array);
    if (train.context) hashArray(hash, train.context);
    if (train.blocks) hash.update(JSON.stringify(train.blocks.map(({ sessions }) => sessions)));
  }
  if (validation?.checksum !== undefined) hash.update(`;validation ${validation.checksum}`);
  else if (validation) {
    for (const array of [validation.sessionOffsets, validation.items]) hashArray(hash, array);
    if (validation.context) hashArray(hash, validation.context);
  }
  return hash.hex();
}

function hashArray(
  hash: Sha256,
  { buffer, byteOffset, byteLength }: Int32Array | Float32Array | Float64Array,
): void {
  hash.update(`;${byteLength};`);
  for (let at = 0; at < byteLength; at += BYTES_AT_ONCE) {
    hash.update(new Uint8Array(buffer, byteOffset + at, Math.min(BYTES_AT_ONCE, byteLength - at)));
  }
}
