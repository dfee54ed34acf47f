export { type FeatureColumn, FeatureVocabulary, type UnknownValue } from './feature-vocabulary.ts';
export { cellOf } from './item-cells.ts';
export { ITEM_INFO_FILE, ItemInfoTable, itemInfoLines, type LineCounts } from './item-info.ts';
export {
  availabilityOf,
  checkedRows,
  type ItemColumnNames,
  type ItemInfo,
  type ItemRow,
  type ItemsFileOptions,
  itemColumnKeys,
  itemRow,
  itemRowsOf,
  itemsError,
  noColumn,
  type RawRow,
  readItemRows,
} from './items-file.ts';
export { type ColumnKind, type ItemColumn, kindsOfColumns, learnFeatures } from './learn-features.ts';
export {
  type ColumnRule,
  type Condition,
  meets,
  parseWhere,
  RuleColumns,
  type RuleKind,
  startingFrom,
  type Where,
} from './where.ts';
