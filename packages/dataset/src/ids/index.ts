export { halfSipHash } from './half-sip-hash.ts';
export { ItemIdError, type ItemIdFault } from './item-id-error.ts';
export type { ItemIds } from './item-id-table.ts';
export { ItemIdTable, type PackedIds, type SharedIds } from './item-id-table.ts';
