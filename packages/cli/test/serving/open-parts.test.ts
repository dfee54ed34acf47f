import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { UsageError } from '@gru4rec/checks';
import { pointTo } from '@gru4rec/durable-files';
import { writeParquet } from '@gru4rec/preprocess';
import { ItemsFile } from '@gru4rec/serving';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  controlWeightOf,
  itemsOfModels,
  logConsole,
  modelSources,
  openItems,
  serverLog,
} from '../../src/serving/open-parts.ts';
import { describeError } from '../../src/terminal/describe-error.ts';
import { terminalOn } from '../../src/terminal/terminal.ts';
import { makeFolder } from '../run-trainer.ts';

/** A server's log, and its lines. */
function logOfLines() {
  let written = '';
  const stderr = new Writable({
    write(chunk, _, done) {
      written += chunk;
      done();
    },
  });
  const log = serverLog(terminalOn({ stdout: stderr, stderr, directory: '/' }));
  const lines = () =>
    written
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { log, lines };
}

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
    const { log } = logOfLines();
    const { items } = await openItems(file, {}, log);
    expect(items?.get('7')).toMatchObject({ group: 'shoes', fields: { price: 9.5 } });
    expect(items?.size).toBe(2);
    items?.close();
    writeFileSync(join(folder, 'items.csv'), 'id,group\n7,hats\n');
    const posted = join(folder, 'posted.jsonl');
    const ofText = await openItems(join(folder, 'items.csv'), { posted }, log);
    expect(ofText.items?.get('7')).toMatchObject({ group: 'hats' });
    expect(ofText.items?.takesItems).toBe(true);
    ofText.items?.close();
    expect(await openItems(undefined, {}, log)).toEqual({});
  });

  it('takes named columns, says what it takes for what, and leaves out bad rows', async () => {
    const file = join(makeFolder(), 'items.csv');
    writeFileSync(file, 'sku,id,kind,stock\n7,1,hats,0\n8,2,hats,3\n7,3,hats,1\n');
    const columns = { id: 'sku', group: 'kind', available: 'stock' };
    const { log, lines } = logOfLines();
    const { items } = await openItems(file, { columns }, log);
    expect(items?.get('7')).toMatchObject({ available: false, group: 'hats' });
    items?.close();
    expect(lines()).toMatchObject([
      { level: 40, rows: 1, first: 'line 4: the item "7" occurs twice' },
      {
        level: 30,
        msg: 'Items file of 2 items, 1 of them not available: id = `sku`, no title, group = `kind`, available = `stock`, no price; for rules: `group` text, `available` number',
      },
    ]);
    const other = logOfLines();
    (await openItems(file, { columns: { id: 'id' } }, other.log)).items?.close();
    expect(other.lines().map(({ msg }) => msg)).toEqual([
      'Items file of 3 items, 0 of them not available: id = `id`, no title, no group, no available, no price; for rules: `sku` number, `kind` text, `stock` number',
      'No column says which items are available, so those that are sold out are recommended: name it, "itemColumns": { "available": "NAME" } in gru4rec.json',
    ]);
    writeFileSync(file, 'sku,group\n7,hats\n');
    const refusal = await openItems(file, {}, log).catch(describeError);
    expect(refusal).toContain('line 2: expected a column id, or the name of another, got sku, group');
  });
});

it('names models by their folders, unless they have a name or a pointer names the folder', async () => {
  const pointer = join(makeFolder(), 'current');
  await pointTo(pointer, '2026-11-30T0200Z');
  expect(modelSources([pointer, `b=${pointer}`], '/data').map(({ name }) => name)).toEqual(['model', 'b']);
  expect(modelSources(['models/shop', 'b=other', '/models/c'], '/data')).toEqual([
    { name: 'shop', directory: '/data/models/shop' },
    { name: 'b', directory: '/data/other' },
    { name: 'c', directory: '/models/c' },
  ]);
});

it('gives models the shares that they name', () => {
  const given = ['a:2.5=x', 'b:10=y', 'none:20'];
  const sources = modelSources(given, '/data');
  expect(controlWeightOf(given)).toBe(20);
  expect(controlWeightOf(['a', 'none=folder'])).toBe(0);
  expect(sources.map(({ name, weight }) => [name, weight])).toEqual([
    ['a', 2.5],
    ['b', 10],
  ]);
});

it.each([
  [['a=x', 'a=y'], 'MODEL expected distinct names, got a twice'],
  [[''], 'MODEL expected a string, got an empty one'],
  [['a:90=x', 'b=y'], 'a share of the sessions for each or for none, such as a:50=FOLDER b:50=FOLDER'],
  [['models/none'], 'a name other than none, the control group. Write NAME=FOLDER'],
  [['x', 'none:10'], 'a share of the sessions for each or for none, such as x:50=FOLDER'],
  [['a:0=x', 'b:0=y'], 'got 0 for all'],
])('refuses %j', (models, message) => {
  expect(() => modelSources(models, '/data')).toThrow(UsageError);
  expect(() => modelSources(models, '/data')).toThrow(message);
});

it('logs what a library writes to the console as one line of JSON each, without stacks', () => {
  const { log, lines } = logOfLines();
  const { error } = console;
  const giveBack = logConsole(log);
  onTestFinished(giveBack);
  console.error(new Error('No space left on device'));
  console.warn('value %s\nis', 'x', new RangeError('odd'));
  giveBack();
  expect(console.error).toBe(error);
  expect(lines()).toEqual([
    expect.objectContaining({
      level: 50,
      error: 'No space left on device',
      msg: 'A library reports an error',
    }),
    expect.objectContaining({ level: 40, error: 'value x\nis odd', msg: 'A library warns' }),
  ]);
});
