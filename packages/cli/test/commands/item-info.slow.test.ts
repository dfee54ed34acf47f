import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../run-trainer.ts';
import { streamSessions, trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
let ids: string[] = [];

const run = (line: string) => ok(folder(), line);
const json = async (line: string) => JSON.parse((await run(`${line} --json`)).stdout);
const read = (...names: string[]) => readFileSync(join(folder(), ...names), 'utf8');
const write = (name: string, text: string) => writeFileSync(join(folder(), name), text);
const prepare = (items: string, output: string) =>
  run(`prepare --input clicks.tsv --test 2d --items ${items} --overwrite --output ${output}`);

beforeAll(async () => {
  const lines = read('clicks.tsv').trim().split('\n').slice(1);
  ids = [...new Set(lines.map((line) => line.split('\t')[1] ?? ''))];
  const rows = ids.map((id, at) => `${id}\tItem no. ${at}\t${at % 2 === 0 ? 'even' : 'odd'}\n`);
  write('items.tsv', `id\ttitle\tgroup\n${rows.join('')}none\tNo\teven\n`);
  const { stderr } = await prepare('items.tsv', 'data');
  expect(stderr).toMatch(
    /\nitems file: (\d\d) rows for \1 items\n\S+\/data: \1 items \(\d+ of them without training clicks\), train /,
  );
  await trainTiny(folder(), 'model');
}, 60_000);

const settings = '--overwrite --set nEpochs=2 --set layers=8';

describe('trainer with an items file', () => {
  it('shows titles and groups in recommend', async () => {
    const asked = `recommend model --session ${ids[0]} --top 3`;
    const { stdout } = await run(asked);
    expect(stdout).toMatch(/item +│ +score │ title +│ group/);
    expect(stdout).toMatch(/│ 1 │ \d{9} │ +-?\d+\.\d{4} │ Item no\. \d+ +│ (even|odd)/);
    for (const { id, title } of (await json(asked)).items) expect(title).toBe(`Item no. ${ids.indexOf(id)}`);
  });

  it('are features of a model, which then also lists an item without clicks', async () => {
    await run(`train data --output featured ${settings} itemFeatures=group,title`);
    const { items } = await json(`recommend featured --session ${ids[0]} --top 500`);
    expect(items.map(({ id }: { id: string }) => id)).toContain('none');
    streamSessions();
    await run('train data --output more --continue featured --set nEpochs=1');
    const misspelt = run(`train data --output wrong ${settings} itemFeatures=grup`);
    await expect(misspelt).rejects.toThrow('No item has a value in the column "grup". Did you mean group?');
  });

  it('has vectors that a model makes rows of, also of an item without clicks', async () => {
    const vectorOf = (at: number) => [Math.sin(at), Math.cos(at), 0.5];
    const rows = [...ids, 'unseen'].map((id, at) => ({
      ...{ id, title: `Item no. ${at}` },
      ...(at > 0 && { text: vectorOf(at) }),
    }));
    const writeRows = (name: string, lines: readonly object[]) =>
      write(name, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    writeRows('vectors.jsonl', rows);
    await prepare('vectors.jsonl', 'vectors');
    await run(`train vectors --output of-vectors ${settings} itemVectors=text coldItemOffset=1`);
    const { items } = await json(`recommend of-vectors --session ${ids[1]} --top 500`);
    const unseen = { id: 'unseen', title: `Item no. ${ids.length}` };
    expect(items).toContainEqual(expect.objectContaining(unseen));
    // What a server reads has no vectors.
    expect(read('of-vectors', 'item-info.jsonl')).not.toContain('text');
    const { stdout } = await run('inspect vectors');
    expect(stdout).toContain(
      'The column "text" of the items file has vectors: train with "itemVectors": ["text"]',
    );
    expect(stdout).toContain('- No column says which items are available');
    await run(`train vectors --output of-both ${settings} itemVectors=text itemFeatures=title`);
    streamSessions();
    await run('train vectors --output more-vectors --continue of-both --set nEpochs=1');
    writeRows('uneven.jsonl', [...rows.slice(0, 9), { id: ids[9], text: [1, 2] }]);
    await prepare('uneven.jsonl', 'uneven');
    const uneven = run(`train uneven --output of-uneven ${settings} itemVectors=text`);
    await expect(uneven).rejects.toThrow(
      `The item "${ids[9]}": "text" expected 3 numbers as of other items, got 2`,
    );
  });

  it('limits groups of the items file with --max-per-group', async () => {
    const { items } = await json(`recommend model --session ${ids[0]} --max-per-group 1`);
    expect(items.map(({ group }: { group: string }) => group).sort()).toEqual(['even', 'odd']);
  });

  it('shows titles in inspect', async () => {
    const { stdout } = await run('inspect model');
    expect(stdout).toMatch(/Items: \d{9} \(Item no\. \d+\), /);
    expect(stdout).toMatch(/\nItems file: titles and groups of \d\d of \d\d items\n/);
    const facts = await json('inspect model');
    expect(facts.itemInfo).toEqual({ items: facts.items, titles: true, groups: true });
  });

  it('shows titles in the examples of compare', async () => {
    await run('compare data --models pop s-knn --output report');
    const { examples } = JSON.parse(read('report', 'report.json'));
    expect([examples.first, examples.second].sort()).toEqual(['POP', 'S-KNN']);
    expect(String(examples.predictions[0].clicks)).toMatch(/^Item no\. \d+/);
    expect(read('report', 'report.html')).toContain(`>${examples.predictions[0].next}</td>`);
  });

  it('keeps the info of a continued model about items that the new dataset lacks', async () => {
    write('fewer.csv', `id,title\n${ids[0]},Renamed\n`);
    await prepare('fewer.csv', 'fewer');
    await run('train fewer --output next --continue model --set nEpochs=1');
    const info = read('next', 'item-info.jsonl');
    expect(info.split('\n')[0]).toBe(`{"id":"${ids[0]}","title":"Renamed"}`);
    expect(info).toContain(`{"id":"${ids[1]}","title":"Item no. 1","group":"odd"}`);
  });

  it('reports warm and cold targets in evaluate, compare and replay', async () => {
    const [head, ...lines] = read('clicks.tsv').trim().split('\n');
    const early = lines.slice(0, 1500).filter((line) => line.split('\t')[1] !== ids[0]);
    write('early.tsv', `${[head, ...early].join('\n')}\n`);
    write('late.tsv', `${[head, ...lines.slice(1500)].join('\n')}\n`);
    await run('prepare --input early.tsv --test late.tsv --items items.tsv --output hidden');
    await run('train hidden --output hidden-model --set nEpochs=1 --set layers=8 batchSize=8 nSample=16');
    const ofModel = 'evaluate hidden-model --data hidden --cutoffs 5 20';
    const { predictions, warm, cold, baselines } = await json(ofModel);
    expect(warm.predictions + cold.predictions).toBe(predictions);
    expect(cold.predictions).toBeGreaterThan(0);
    expect(cold.results.map(({ cutoff }: { cutoff: number }) => cutoff)).toEqual([5, 20]);
    for (const baseline of baselines) expect(baseline.cold.predictions).toBe(cold.predictions);
    const shown = new RegExp(`│ GRU4Rec .* / \\d\\.\\d{4} │ ${cold.results[1].recall.toFixed(4)} / `);
    expect((await run(ofModel)).stdout).toMatch(shown);
    await run('compare hidden --models pop s-knn --output cold');
    expect(JSON.parse(read('cold', 'report.json')).models[0].byTraining).toMatchObject([
      { label: 'warm', predictions: warm.predictions },
      { label: 'cold', predictions: cold.predictions, recall: 0 },
    ]);
    const [learner] = (await json('replay hidden-model --data hidden --every 1d')).contenders;
    expect(learner.cold.predictions).toBeGreaterThan(0);
    expect(learner.warm.predictions + learner.cold.predictions).toBe(learner.predictions);
  });
});
