// Makes the files of the shop that the page trains on: public/shop.
import { join } from 'node:path';
import { makeShop } from './shop.ts';

await makeShop(join(import.meta.dirname, '../public/shop'));
