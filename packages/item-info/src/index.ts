export type { FeatureColumn } from './feature-column.ts';
export { FeatureVocabulary, type UnknownValue } from './feature-vocabulary.ts';
export { type ColumnKind, type ItemColumn, itemColumns } from './item-columns.ts';
export { ITEM_INFO_FILE, type ItemInfo, type ItemRow, itemRow, noIdColumn } from './item-info.ts';
export { itemInfoLines, type LineCounts, type RowSource, repeated } from './item-info-lines.ts';
export { ItemInfoTable } from './item-info-table.ts';
export { itemRowsOf, itemsError, readItemRows } from './read-item-rows.ts';
