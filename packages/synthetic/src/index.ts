export type { ShopLogOptions } from './catalogue.ts';
export { type ShopItem, shopItems } from './shop-items.ts';
export { generateShopLog, type ShopLogRows, shopLogBatches, writeShopLog } from './shop-log.ts';
