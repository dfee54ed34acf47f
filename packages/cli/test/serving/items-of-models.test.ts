import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeParquet } from '@gru4rec/preprocess';
import { ItemsFile } from '@gru4rec/serving';
import { describe, expect, it } from 'vitest';
import { itemsOfModels, openItems } from '../../src/serving/items-of-models.ts';
import { describeError } from '../../src/terminal/describe-error.ts';
import { makeFolder } from '../run-trainer.ts';

describe('itemsOfModels', () => {
  it('finds the file of the first model that has one, which a server reads', async () => {
    const folder = makeFolder();
    const models = ['a', 'b', 'c'].map((name) => ({ name, directory: join(folder, name) }));
    for (const { directory } of models) mkdirSync(directory);
    expect(itemsOfModels(models)).toBeUndefined();
    for (const name of ['b', 'c']) {
      const row = { id: 'shoe', title: `Shoe of ${name}`, group: 'shoes', available: false };
      writeFileSync(join(folder, name, 'item-info.jsonl'), `${JSON.stringify(row)}\n`);
    }
    const file = itemsOfModels(models);
    expect(file).toBe(join(folder, 'b', 'item-info.jsonl'));
    const items = await ItemsFile.open(file ?? '');
    expect(items.get('shoe')).toMatchObject({ title: 'Shoe of b', group: 'shoes', available: false });
    items.close();
  });
});

describe('openItems', () => {
  it('reads Parquet, and files of text', async () => {
    const folder = makeFolder();
    const file = join(folder, 'items.parquet');
    await writeParquet(file, { id: 'INTEGER', group: 'VARCHAR', price: 'DOUBLE' }, [
      [7, 'shoes', 9.5],
      [8, null, null],
    ]);
    const { items } = await openItems(file, {});
    expect(items?.get('7')).toMatchObject({ group: 'shoes', fields: { price: 9.5 } });
    expect(items?.size).toBe(2);
    items?.close();
    writeFileSync(join(folder, 'items.csv'), 'id,group\n7,hats\n');
    const ofText = await openItems(join(folder, 'items.csv'), { posted: join(folder, 'posted.jsonl') });
    expect(ofText.items?.get('7')).toMatchObject({ group: 'hats' });
    expect(ofText.items?.takesItems).toBe(true);
    ofText.items?.close();
    expect(await openItems(undefined, {})).toEqual({});
  });

  it('takes the ids from a named column, and says how to name it', async () => {
    const file = join(makeFolder(), 'items.csv');
    writeFileSync(file, 'sku,id,group\n7,1,hats\n');
    const { items } = await openItems(file, { idColumn: 'sku' });
    expect(items?.get('7')).toMatchObject({ fields: { group: 'hats' } });
    items?.close();
    writeFileSync(file, 'sku,group\n7,hats\n');
    const refusal = await openItems(file, {}).catch(describeError);
    expect(refusal).toContain('line 2: expected a column id, or the name of another, got sku, group');
  });
});
