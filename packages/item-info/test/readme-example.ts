import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ItemIdTable } from '@gru4rec/item-ids';
import { ItemInfoTable, itemInfoLines, readItemRows } from '@gru4rec/item-info';

const folder = mkdtempSync(join(tmpdir(), 'items-'));
const path = join(folder, 'products.csv');
writeFileSync(path, 'id,title,group,price\nshoe,"Shoe, red",shoes,49\ncoat,Coat,coats,\n');

const itemIds = ItemIdTable.from(['sock', 'shoe']); // of a dataset or model, which has no coat
const chunks: Uint8Array[] = [];
for await (const chunk of itemInfoLines([{ path, rows: readItemRows(path) }], itemIds)) chunks.push(chunk);
const bytes = Buffer.concat(chunks);
assert.equal(bytes.toString(), '{"id":"shoe","title":"Shoe, red","group":"shoes","price":"49"}\n');

const info = ItemInfoTable.of(bytes, itemIds, path);
assert.equal(info.get('shoe')?.title, 'Shoe, red');
assert.equal(info.at(0), undefined); // sock
rmSync(folder, { recursive: true });
