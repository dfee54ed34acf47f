import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ItemsFile } from '../../src/index.ts';
import { idsOf, startServer, testFolder } from '../tiny-server.ts';

/** Opens a file with a text. */
async function open(name: string, text: string): Promise<ItemsFile> {
  const file = join(testFolder(), name);
  writeFileSync(file, text);
  return ItemsFile.open(file);
}

/** A file that is watched. `seen` has its items after each change, or why it cannot be read. */
async function watched(text: string) {
  const items = await open('items.csv', text);
  onTestFinished(() => items.close());
  const seen: unknown[] = [];
  items.watch({
    everyMs: 20,
    onChange: () => seen.push(items.size),
    onError: (error) => seen.push((error.cause as Error).message),
  });
  const file = String(items.path);
  const write = (next: string) => {
    writeFileSync(`${file}.new`, next);
    renameSync(`${file}.new`, file);
  };
  return { items, seen, write };
}

const jsonLines = [
  '{"id":"a","title":"Shoe","price":9.5,"group":"shoes","available":true}',
  '',
  '{"id":"b","tags":["x"],"group":"hats","available":false}',
  '{"id":"c","group":null,"available":1}',
].join('\r\n');

describe('ItemsFile', () => {
  it('gives rules by item index; items that it lacks are available', async () => {
    const items = await open('items.jsonl', jsonLines);
    const catalogue = await items.catalogueOf(ItemIdTable.from(['x', 'b', 'a']));
    expect([...(catalogue.available?.items() ?? [])]).toEqual([0, 2]);
    const { codes, cells } = catalogue.column('group');
    expect([...codes]).toEqual([-1, cells.get('hats'), cells.get('shoes')]);
  });

  it('refuses a missing file, an empty one, and one that lost more than half of its rows', async () => {
    const missing = ItemsFile.open(join(testFolder(), 'none.csv'));
    await expect(missing).rejects.toThrow('none.csv cannot be read');
    const refusal = await open('items.csv', '').catch((error) => error);
    expect(refusal.cause.message).toBe('expected a column id, got an empty file');
    const rowsOf = (count: number) => Array.from({ length: count }, (_, at) => `${at},false\n`).join('');
    const { items, write, seen } = await watched(`id,available\n${rowsOf(11)}`);
    const lost = (count: number) =>
      `expected at least half of the ${count} rows that are served (start the server again to take fewer), got`;
    const expected: unknown[] = [];
    for (const [text, found] of [
      ['', 'expected a column id, got an empty file'],
      [`id,available\n${rowsOf(5)}`, `${lost(11)} 5`],
      [`id,available\n${rowsOf(6)}`, 6],
      [`id,available\n${rowsOf(2)}`, `${lost(6)} 2`],
    ] as const) {
      write(text);
      expected.push(found);
      await expect.poll(() => seen, { timeout: 5000 }).toEqual(expected);
    }
    expect(items.get('5')?.available).toBe(false);
  });

  it('reads a changed file again, and keeps its content if the change is wrong', async () => {
    const { items, write, seen } = await watched('id,group\na,first\n');
    write('id,group\na,second\nb,first\n');
    await expect.poll(() => seen).toEqual([2]);
    expect(items.get('a')?.group).toBe('second');
    write('id,group\na\n');
    await expect.poll(() => seen).toEqual([2, expect.stringContaining('Invalid Record Length')]);
    expect(items.get('b')?.group).toBe('first');
  });
});

describe('a server with an items file', () => {
  it('follows its changes without a restart', async () => {
    const items = await open('items.csv', 'id,available\n1021,true\n');
    const { ask } = await startServer({ items });
    const recommended = async () => idsOf(await ask('/v1/recommend', { items: ['1007'], n: 30 }));
    expect(await recommended()).toContain('1021');
    writeFileSync(String(items.path), 'id,available\n1021,false\n');
    await expect.poll(recommended, { timeout: 10_000 }).not.toContain('1021');
    expect(await recommended()).toHaveLength(29);
  });
});
