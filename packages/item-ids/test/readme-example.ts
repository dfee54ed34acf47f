import assert from 'node:assert/strict';
import { ItemIdTable } from '@gru4rec/item-ids';

const itemIds = ItemIdTable.from(['shoe', 'sock']);
assert.equal(itemIds.indexOf('sock'), 1);
assert.equal(itemIds.indexOf('hat'), -1);
assert.equal(itemIds.at(0), 'shoe');

assert.equal(itemIds.add('hat'), 2); // new ids come last
assert.equal(itemIds.add('shoe'), 0); // it is there
assert.deepEqual([...itemIds], ['shoe', 'sock', 'hat']);

const { utf8, offsets } = itemIds.packed; // views: the buffers of an Arrow column
assert.equal(Buffer.from(utf8).toString(), 'shoesockhat');
assert.deepEqual(offsets, Int32Array.of(0, 4, 8, 11));

const copy = new ItemIdTable();
copy.append({ utf8, offsets }); // from bytes to bytes
assert.equal(copy.indexOf('hat'), 2);
