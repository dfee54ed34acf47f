import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ItemsFile } from '@gru4rec/serving';
import { describe, expect, it } from 'vitest';
import { itemsOfModels } from '../../src/serving/items-of-models.ts';
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
