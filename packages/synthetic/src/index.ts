export { type GrownTable, growTable } from './grow-table.ts';
export type { ShopLogOptions } from './options.ts';
export { type ShopItem, shopItems } from './shop-items.ts';
export { generateShopLog, type ShopLogRows, shopLogBatches } from './shop-log.ts';
export { writeShopLog } from './write-shop-log.ts';
