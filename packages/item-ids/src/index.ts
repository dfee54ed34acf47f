export { halfSipHash } from './half-sip-hash.ts';
export { ItemIdError, type ItemIdFault } from './item-id-error.ts';
export { ItemIdTable, type PackedIds, type SharedIds } from './item-id-table.ts';
export type { ItemIds } from './item-ids.ts';
