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
  itemRowsOf,
  itemsError,
  type LineCounts,
  noIdColumn,
  type RowSource,
  readItemRows,
  repeated,
} from './item-info.ts';
