export type { ShopLogOptions } from './options.ts';
export { generateShopLog, type ShopLogRows, shopLogBatches } from './shop-log.ts';
export { writeShopLog } from './write-shop-log.ts';
