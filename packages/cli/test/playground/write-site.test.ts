import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionDataset } from '@gru4rec/dataset';
import { shopItems } from '@gru4rec/synthetic';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkPage, siteSessions, writeSite } from '../../src/playground/write-site.ts';
import { makeFolder, runHere } from '../run-trainer.ts';
import { useTinyModel } from '../tiny-shop.ts';

const folder = useTinyModel();
const contents = { model: undefined, data: undefined, sessions: 10 };

beforeAll(async () => {
  mkdirSync(join(folder(), 'page', 'assets'), { recursive: true });
  writeFileSync(join(folder(), 'page', 'index.html'), 'page');
  writeFileSync(join(folder(), 'page', 'playground.json'), '{}\n');
  writeFileSync(join(folder(), 'page', 'assets', 'a.js'), 'script');
});

const page = () => join(folder(), 'page');
const manifestOf = (site: string) => JSON.parse(readFileSync(join(site, 'playground.json'), 'utf8'));

describe('writeSite', () => {
  it('writes the page with the model and its sessions', async () => {
    const site = makeFolder();
    const more = { model: join(folder(), 'model'), data: join(folder(), 'data') };
    await writeSite(site, { ...contents, ...more }, page());
    expect(readdirSync(site).sort()).toEqual([
      'assets',
      'index.html',
      'model',
      'playground.json',
      'sessions.json',
    ]);
    expect(manifestOf(site)).toEqual({ name: 'model', model: 'model/', sessions: 'sessions.json' });
    expect(readdirSync(join(site, 'model'))).toContain('web-model.json');
    const { train } = JSON.parse(readFileSync(join(site, 'sessions.json'), 'utf8'));
    expect(train.lengths).toHaveLength(10);
  });

  it('writes the page of a model without sessions, and the page only', async () => {
    const [site, bare] = [makeFolder(), makeFolder()];
    await writeSite(site, { ...contents, model: join(folder(), 'model') }, page());
    expect(manifestOf(site)).toEqual({ name: 'model', model: 'model/' });
    await writeSite(bare, contents, page());
    expect(manifestOf(bare)).toEqual({});
  });

  it('says which features the items have, and which ones nobody had clicked', async () => {
    const rows = shopItems({ events: 2000, items: 60, days: 10, seed: 3 }).map(
      ({ id, group }) => `${id},${group}`,
    );
    writeFileSync(join(folder(), 'items.csv'), ['id,group', ...rows, 'none,Boots', ''].join('\n'));
    const prepared = ['--input', 'clicks.tsv', '--items', 'items.csv', '--output', 'items'];
    await runHere(folder(), 'prepare', ...prepared);
    const settings = ['--set', 'layers=8', 'batchSize=8', 'nSample=32', 'itemFeatures=group'];
    const trained = await runHere(
      folder(),
      ...'train items --output featured --set nEpochs=1'.split(' '),
      ...settings,
    );
    expect(trained.code, trained.stderr).toBe(0);
    const [site, model] = [makeFolder(), join(folder(), 'featured')];
    await writeSite(site, { ...contents, model, itemInfo: model }, page());
    expect(manifestOf(site)).toEqual({ name: 'featured', model: 'model/', features: 'features.json' });
    const { names, items, cold } = JSON.parse(readFileSync(join(site, 'features.json'), 'utf8'));
    const ids: string[] = JSON.parse(readFileSync(join(site, 'model', 'items.json'), 'utf8'));
    const none = ids.indexOf('none');
    expect(cold).toContain(none);
    expect(items[none].map((feature: number) => names[feature])).toEqual(['group=Boots']);
    expect(items).toHaveLength(ids.length);
  });

  it('says how to build a page that is missing', () => {
    expect(() => checkPage(makeFolder())).toThrow('run `pnpm --filter @gru4rec/playground build` once');
  });
});

/** A dataset of sessions of item ids, a second after each other. */
function datasetOf(train: readonly string[][], test?: readonly string[][]): SessionDataset {
  const itemIds = [...new Set([...train, ...(test ?? [])].flat())];
  const split = (lists: readonly string[][]) => ({
    sessionIds: lists.map((_, n) => `${n}`),
    sessionOffsets: Int32Array.from([0, ...lists.map((_, n) => lists.slice(0, n + 1).flat().length)]),
    items: Int32Array.from(lists.flat(), (id) => itemIds.indexOf(id)),
    sessionStartTimes: Float64Array.from(lists, (_, n) => 1000 * n),
    times: new BigInt64Array(lists.flat().length),
  });
  const support = new Int32Array(itemIds.length);
  const rest = { directory: '', manifest: {} as SessionDataset['manifest'], itemIds, support };
  return { ...rest, train: split(train), ...(test && { test: split(test) }) };
}

/** Sessions of a result as ids. */
function idsOf(ids: readonly string[], split: { sessionOffsets: Int32Array; items: Int32Array } | undefined) {
  if (!split) return undefined;
  const { sessionOffsets, items } = split;
  return Array.from(sessionOffsets.subarray(1), (end, n) =>
    Array.from(items.subarray(sessionOffsets[n], end), (item) => ids[item]),
  );
}

describe('siteSessions', () => {
  const model = ['c', 'b', 'a'];

  it('numbers items as the model does, and leaves out what it does not know', () => {
    const dataset = datasetOf(
      [
        ['a', 'b'],
        ['a', 'x', 'c'],
        ['x', 'a', 'y'],
      ],
      [['x', 'b', 'c']],
    );
    const { train, test, validation } = siteSessions(model, dataset, 10);
    expect(idsOf(model, train)).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ]);
    expect([...train.sessionStartTimes]).toEqual([0, 1000]);
    expect(idsOf(model, test)).toEqual([['b', 'c']]);
    expect(validation).toBeUndefined();
  });

  it('keeps the latest training sessions', () => {
    const dataset = datasetOf([
      ['a', 'b'],
      ['b', 'c', 'a'],
      ['c', 'a'],
    ]);
    const { train } = siteSessions(model, dataset, 2);
    expect(idsOf(model, train)).toEqual([
      ['b', 'c', 'a'],
      ['c', 'a'],
    ]);
    expect([...train.sessionStartTimes]).toEqual([1000, 2000]);
  });

  it('has no split without a session, and refuses a dataset of other items', () => {
    expect(siteSessions(model, datasetOf([['a', 'b']], [['x', 'y']]), 5).test).toBeUndefined();
    expect(() => siteSessions(model, datasetOf([['x', 'y']]), 5)).toThrow(
      '--data expected sessions with items of the model',
    );
  });
});
