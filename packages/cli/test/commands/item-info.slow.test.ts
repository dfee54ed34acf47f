import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { streamSessions, trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
let ids: string[] = [];

const prepare = (...more: string[]) =>
  runHere(folder(), 'prepare', '--input', 'clicks.tsv', '--test', '2d', ...more);

beforeAll(async () => {
  const lines = readFileSync(join(folder(), 'clicks.tsv'), 'utf8').trim().split('\n').slice(1);
  ids = [...new Set(lines.map((line) => line.split('\t')[1] ?? ''))];
  const rows = ids.map((id, at) => `${id}\tItem no. ${at}\t${at % 2 === 0 ? 'even' : 'odd'}\n`);
  writeFileSync(join(folder(), 'items.tsv'), `id\ttitle\tgroup\n${rows.join('')}none\tNo\teven\n`);
  const { code, stderr } = await prepare('--items', 'items.tsv', '--output', 'data', '--overwrite');
  expect(stderr).toMatch(
    /\nitems file: (\d\d) rows for \1 items\n\S+\/data: \1 items \(\d+ of them without training clicks\), train /,
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

  it('are features of a model, which then also lists an item without clicks', async () => {
    const train = (...more: string[]) =>
      runHere(folder(), 'train', 'data', '--overwrite', '--set', 'nEpochs=2', '--set', 'layers=8', ...more);
    const trained = await train('--output', 'featured', '--set', 'itemFeatures=group,title');
    expect(trained.code, trained.stderr).toBe(0);
    const { items } = JSON.parse(
      (await runHere(folder(), 'recommend', 'featured', '--session', ids[0] ?? '', '--top', '500', '--json'))
        .stdout,
    );
    expect(items.map(({ itemId }: { itemId: string }) => itemId)).toContain('none');
    streamSessions();
    const more = await runHere(
      folder(),
      ...['train', 'data', '--output', 'more', '--continue', 'featured', '--set', 'nEpochs=1'],
    );
    expect(more.code, more.stderr).toBe(0);
    const misspelt = await train('--output', 'wrong', '--set', 'itemFeatures=grup');
    expect(misspelt).toMatchObject({ code: 1 });
    expect(misspelt.stderr).toContain('No item has a value in the column "grup". Did you mean group?');
  });

  it('has vectors that a model makes rows of, also of an item without clicks', async () => {
    const vectorOf = (at: number) => [Math.sin(at), Math.cos(at), 0.5];
    const rows = [...ids, 'unseen'].map((id, at) => ({
      ...{ id, title: `Item no. ${at}` },
      ...(at > 0 && { text: vectorOf(at) }),
    }));
    const write = (name: string, lines: readonly object[]) =>
      writeFileSync(join(folder(), name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    write('vectors.jsonl', rows);
    expect((await prepare('--items', 'vectors.jsonl', '--output', 'vectors')).code).toBe(0);
    const train = (data: string, output: string, ...more: string[]) =>
      runHere(
        folder(),
        ...['train', data, '--output', output, '--set', 'nEpochs=2', '--set', 'layers=8', ...more],
      );
    const trained = await train('vectors', 'of-vectors', 'itemVectors=text', 'coldItemOffset=1');
    expect(trained.code, trained.stderr).toBe(0);
    const { stdout } = await runHere(
      folder(),
      ...['recommend', 'of-vectors', '--session', ids[1] ?? '', '--top', '500', '--json'],
    );
    expect(JSON.parse(stdout).items).toContainEqual(
      expect.objectContaining({ itemId: 'unseen', title: `Item no. ${ids.length}` }),
    );
    // What a server reads has no vectors.
    expect(readFileSync(join(folder(), 'of-vectors', 'item-info.jsonl'), 'utf8')).not.toContain('text');
    expect((await runHere(folder(), 'inspect', 'vectors', '--no-order')).stdout).toContain(
      'The column "text" of the items file has vectors: train with "itemVectors": ["text"]',
    );
    const both = await train('vectors', 'of-both', 'itemVectors=text', 'itemFeatures=title');
    expect(both.code, both.stderr).toBe(0);
    streamSessions();
    const more = await runHere(
      folder(),
      ...['train', 'vectors', '--output', 'more-vectors', '--continue', 'of-both', '--set', 'nEpochs=1'],
    );
    expect(more.code, more.stderr).toBe(0);
    write('uneven.jsonl', [...rows.slice(0, 9), { id: ids[9], text: [1, 2] }]);
    expect((await prepare('--items', 'uneven.jsonl', '--output', 'uneven')).code).toBe(0);
    const uneven = await train('uneven', 'of-uneven', 'itemVectors=text');
    expect(uneven).toMatchObject({ code: 1 });
    expect(uneven.stderr).toContain(
      `The item "${ids[9]}": "text" expected 3 numbers as of other items, got 2`,
    );
  });

  it('limits groups of the items file with --max-per-group', async () => {
    const { items } = JSON.parse((await answer('--max-per-group', '1', '--json')).stdout);
    expect(items.map(({ group }: { group: string }) => group).sort()).toEqual(['even', 'odd']);
  });

  it('shows titles in inspect', async () => {
    const { stdout } = await runHere(folder(), 'inspect', 'model');
    expect(stdout).toMatch(/Items: \d{9} \(Item no\. \d+\), /);
    expect(stdout).toMatch(/\nItems file: titles and groups of \d\d of \d\d items\n/);
    const facts = JSON.parse((await runHere(folder(), 'inspect', 'model', '--json')).stdout);
    expect(facts.itemInfo).toEqual({ items: facts.items, titles: true, groups: true });
  });

  it('shows titles in the examples of compare', async () => {
    await runHere(folder(), 'compare', 'data', '--models', 'pop', 's-knn', '--output', 'report');
    const { examples } = JSON.parse(readFileSync(join(folder(), 'report', 'report.json'), 'utf8'));
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
      ...['train', 'fewer', '--output', 'next', '--continue', 'model', '--set', 'nEpochs=1'],
    );
    expect(continued.code, continued.stderr).toBe(0);
    const info = readFileSync(join(folder(), 'next', 'item-info.jsonl'), 'utf8');
    expect(info.split('\n')[0]).toBe(`{"id":"${ids[0]}","title":"Renamed"}`);
    expect(info).toContain(`{"id":"${ids[1]}","title":"Item no. 1","group":"odd"}`);
  });

  it('reports warm and cold targets in evaluate, compare and replay', async () => {
    const [head, ...lines] = readFileSync(join(folder(), 'clicks.tsv'), 'utf8').trim().split('\n');
    const early = lines.slice(0, 1500).filter((line) => line.split('\t')[1] !== ids[0]);
    writeFileSync(join(folder(), 'early.tsv'), `${[head, ...early].join('\n')}\n`);
    writeFileSync(join(folder(), 'late.tsv'), `${[head, ...lines.slice(1500)].join('\n')}\n`);
    const run = async (...argv: string[]) => {
      const ended = await runHere(folder(), ...argv);
      expect(ended.code, ended.stderr).toBe(0);
      return ended.stdout;
    };
    const files = ['--input', 'early.tsv', '--test', 'late.tsv', '--items', 'items.tsv'];
    await run('prepare', ...files, '--output', 'hidden');
    const settings = ['--set', 'nEpochs=1', '--set', 'layers=8', 'batchSize=8', 'nSample=16'];
    await run('train', 'hidden', '--output', 'hidden-model', ...settings);
    const ofModel = ['evaluate', 'hidden-model', '--data', 'hidden', '--cutoffs', '5', '20'];
    const { predictions, warm, cold, baselines } = JSON.parse(await run(...ofModel, '--json'));
    expect(warm.predictions + cold.predictions).toBe(predictions);
    expect(cold.predictions).toBeGreaterThan(0);
    expect(cold.results.map(({ cutoff }: { cutoff: number }) => cutoff)).toEqual([5, 20]);
    for (const baseline of baselines) expect(baseline.cold.predictions).toBe(cold.predictions);
    const shown = new RegExp(`│ GRU4Rec .* / \\d\\.\\d{4} │ ${cold.results[1].recall.toFixed(4)} / `);
    expect(await run(...ofModel)).toMatch(shown);
    await run('compare', 'hidden', '--models', 'pop', 's-knn', '--output', 'cold');
    const compared = readFileSync(join(folder(), 'cold', 'report.json'), 'utf8');
    expect(JSON.parse(compared).models[0].byTraining).toMatchObject([
      { label: 'warm', predictions: warm.predictions },
      { label: 'cold', predictions: cold.predictions, recall: 0 },
    ]);
    const replayed = await run('replay', 'hidden-model', '--data', 'hidden', '--every', '1d', '--json');
    const [learner] = JSON.parse(replayed).contenders;
    expect(learner.cold.predictions).toBeGreaterThan(0);
    expect(learner.warm.predictions + learner.cold.predictions).toBe(learner.predictions);
  });

  it('describes the columns of the file in inspect', async () => {
    const { stdout } = await runHere(folder(), 'inspect', 'data', '--no-order', '--html', 'data.html');
    expect(stdout).toMatch(/^data: \d\d items \(\d+ of them without training clicks\), train /);
    expect(stdout).toMatch(
      /\n {2}column +kind +values +features +items +clicks +shared +by chance\n {2}title +words +\d\d /,
    );
    expect(stdout).toMatch(/\n {2}group +values +2 +2 +100\.0 % +100\.0 % +\d+\.\d % +\d+\.\d %\n/);
    expect(readFileSync(join(folder(), 'data.html'), 'utf8')).toContain(
      '<th scope="row">group</th>\n<td class="text">values</td>\n<td>2</td>',
    );
    const { columns, coldItems } = JSON.parse(
      (await runHere(folder(), 'inspect', 'data', '--no-order', '--json')).stdout,
    );
    expect(columns.map(({ name }: { name: string }) => name)).toEqual(['title', 'group']);
    expect(coldItems).toBeGreaterThan(0);
  });

  it('warns if no row is of an item with clicks', async () => {
    writeFileSync(join(folder(), 'other.csv'), 'id,title\nnone,No\n');
    const { stderr, code } = await prepare('--items', 'other.csv', '--output', 'other');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /Warning: No row of --items is of an item with training clicks: compare its column id, such as "none", with the items of the log, such as "\d{9}"\n/,
    );
  });
});
