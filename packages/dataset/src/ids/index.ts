export {
  halfSipHash,
  ItemIdError,
  type ItemIdFault,
  type ItemIds,
  ItemIdTable,
  type PackedIds,
  type SharedIds,
} from './item-id-table.ts';
