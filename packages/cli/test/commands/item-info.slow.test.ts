import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
let ids: string[] = [];

const prepare = (...more: string[]) =>
  runHere(folder(), 'prepare', '--input', 'clicks.tsv', '--test-days', '2', ...more);

beforeAll(async () => {
  const lines = readFileSync(join(folder(), 'clicks.tsv'), 'utf8').trim().split('\n').slice(1);
  ids = [...new Set(lines.map((line) => line.split('\t')[1] ?? ''))];
  const rows = ids.map((id, at) => `${id}\tItem no. ${at}\t${at % 2 === 0 ? 'even' : 'odd'}\n`);
  writeFileSync(join(folder(), 'items.tsv'), `id\ttitle\tgroup\n${rows.join('')}none\tNo\t\n`);
  const { code, stderr } = await prepare('--items', 'items.tsv', '--output', 'data', '--overwrite');
  expect(stderr).toMatch(
    /\nitems file: \d\d rows for (\d\d) items; \d+ rows? of items that the dataset lacks left out\n/,
  );
  expect(code).toBe(0);
  await trainTiny(folder(), 'model');
}, 60_000);

async function answer(...more: string[]) {
  const { code, stdout, stderr } = await runHere(
    folder(),
    'recommend',
    'model',
    '--session',
    ids[0] ?? '',
    ...more,
  );
  return { code, stdout, stderr };
}

describe('trainer with an items file', () => {
  it('shows titles and groups in recommend', async () => {
    const { stdout } = await answer('--top', '3');
    expect(stdout).toMatch(/item +│ +score │ title +│ group/);
    expect(stdout).toMatch(/│ 1 │ \d{9} │ +-?\d+\.\d{4} │ Item no\. \d+ +│ (even|odd)/);
    const { items } = JSON.parse((await answer('--top', '3', '--json')).stdout);
    for (const { itemId, title } of items) expect(title).toBe(`Item no. ${ids.indexOf(itemId)}`);
  });

  it('cuts a long title between characters', async () => {
    const rows = ids.map((id) => `${id},${'🧦'.repeat(61)}\n`);
    writeFileSync(join(folder(), 'long.csv'), `id,title\n${rows.join('')}`);
    expect((await prepare('--items', 'long.csv', '--output', 'long')).code).toBe(0);
    const trained = await runHere(
      folder(),
      ...['train', 'long', '--output', 'long-model', '--continue', 'model', '--epochs', '1'],
    );
    expect(trained.code, trained.stderr).toBe(0);
    const { stdout } = await runHere(folder(), 'recommend', 'long-model', '--session', ids[0] ?? '');
    expect(stdout).toContain(`│ ${'🧦'.repeat(59)}… │`);
    expect((await runHere(folder(), 'inspect', 'long-model')).stdout).toContain(`(${'🧦'.repeat(39)}…)`);
  });

  it('limits groups of the items file with --max-per-group', async () => {
    const { items } = JSON.parse((await answer('--max-per-group', '1', '--json')).stdout);
    expect(items.map(({ group }: { group: string }) => group).sort()).toEqual(['even', 'odd']);
  });

  it('prefers the groups of --groups', async () => {
    writeFileSync(join(folder(), 'groups.csv'), `item,group\n${ids.map((id) => `${id},all\n`).join('')}`);
    const { items } = JSON.parse(
      (await answer('--max-per-group', '1', '--groups', 'groups.csv', '--json')).stdout,
    );
    expect(items).toMatchObject([{ group: 'all' }]);
  });

  it('shows titles in the answers of many sessions', async () => {
    writeFileSync(join(folder(), 'sessions.jsonl'), JSON.stringify({ session: 's', items: ids.slice(0, 2) }));
    const { stdout } = await runHere(
      folder(),
      'recommend',
      'model',
      '--sessions',
      'sessions.jsonl',
      '--top',
      '1',
    );
    const { items } = JSON.parse(stdout);
    expect(items[0].title).toBe(`Item no. ${ids.indexOf(items[0].itemId)}`);
  });

  it('shows titles in inspect', async () => {
    const { stdout } = await runHere(folder(), 'inspect', 'model');
    expect(stdout).toMatch(/Items: \d{9} \(Item no\. \d+\), /);
    expect(stdout).toMatch(/\nItems file: titles and groups of \d\d of \d\d items\n/);
    const facts = JSON.parse((await runHere(folder(), 'inspect', 'model', '--json')).stdout);
    expect(facts.itemInfo).toEqual({ items: facts.items, titles: true, groups: true });
  });

  it('shows titles in the examples of compare', async () => {
    const { stdout } = await runHere(
      folder(),
      ...['compare', 'data', '--models', 'pop', 's-knn', '--bootstrap', '0', '--json'],
      ...['--output', 'report'],
    );
    const { examples } = JSON.parse(stdout);
    expect([examples.first, examples.second].sort()).toEqual(['POP', 'S-KNN']);
    for (const { clicks, next } of examples.predictions)
      for (const item of [...clicks, next]) expect(item).toMatch(/^Item no\. \d+$/);
    const page = readFileSync(join(folder(), 'report', 'report.html'), 'utf8');
    expect(page).toContain(`>${examples.predictions[0].next}</td>`);
  });

  it('keeps the info of a continued model about items that the new dataset lacks', async () => {
    const first = `${ids[0]},Renamed\n`;
    writeFileSync(join(folder(), 'fewer.csv'), `id,title\n${first}`);
    expect((await prepare('--items', 'fewer.csv', '--output', 'fewer')).code).toBe(0);
    const continued = await runHere(
      folder(),
      ...['train', 'fewer', '--output', 'next', '--continue', 'model', '--epochs', '1'],
    );
    expect(continued.code, continued.stderr).toBe(0);
    const info = readFileSync(join(folder(), 'next', 'item-info.jsonl'), 'utf8');
    expect(info.split('\n')[0]).toBe(`{"id":"${ids[0]}","title":"Renamed"}`);
    expect(info).toContain(`{"id":"${ids[1]}","title":"Item no. 1","group":"odd"}`);
  });

  it('warns if no row is of an item of the dataset', async () => {
    writeFileSync(join(folder(), 'other.csv'), 'id,title\nnone,No\n');
    const { stderr, code } = await prepare('--items', 'other.csv', '--output', 'other');
    expect(code).toBe(0);
    expect(stderr).toContain('Warning: No row of --items is of an item of the dataset');
  });

  it('stops before reading the log if the items file is wrong', async () => {
    writeFileSync(join(folder(), 'wrong.csv'), 'name\nx\n');
    const { stderr, code } = await prepare('--items', 'wrong.csv', '--output', 'wrong');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /wrong\.csv cannot be read: line 2: "id" expected a string or a whole number, got nothing/,
    );
    expect(stderr).not.toContain('rows read');
  });

  it('asks for --groups if the model records none', async () => {
    expect((await prepare('--output', 'plain')).code).toBe(0);
    const settings = ['--epochs', '1', '--set', 'layers=8', 'batchSize=8', 'nSample=0'];
    const trained = await runHere(folder(), 'train', 'plain', '--output', 'plain-model', ...settings);
    expect(trained.code, trained.stderr).toBe(0);
    const options = ['--session', ids[0] ?? '', '--max-per-group', '1'];
    expect(await runHere(folder(), 'recommend', 'plain-model', ...options)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--max-per-group expected --groups FILE with it, or a model'),
    });
  });
});
