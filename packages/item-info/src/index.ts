export { ITEM_INFO_FILE, type ItemInfo, type ItemRow } from './item-info.ts';
export { itemInfoLines, type LineCounts, type RowSource, repeated } from './item-info-lines.ts';
export { ItemInfoTable } from './item-info-table.ts';
export { checkItemRows, itemRowsOf, itemsError, readItemRows } from './read-item-rows.ts';
