export type { FeatureColumn } from './feature-vocabulary.ts';
export { FeatureVocabulary, type UnknownValue } from './feature-vocabulary.ts';
export { type ColumnKind, type ItemColumn, itemColumns } from './item-columns.ts';
export {
  ITEM_INFO_FILE,
  type ItemInfo,
  ItemInfoTable,
  type ItemRow,
  itemInfoLines,
  itemRow,
  itemsError,
  type LineCounts,
  noIdColumn,
  type RowSource,
  repeated,
} from './item-info.ts';
export { itemRowsOf, readItemRows } from './read-item-rows.ts';
