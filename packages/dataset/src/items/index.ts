export type { FeatureColumn } from './feature-vocabulary.ts';
export {
  type ColumnKind,
  FeatureVocabulary,
  type ItemColumn,
  itemColumns,
  type UnknownValue,
} from './feature-vocabulary.ts';
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
