import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionDataset } from '@gru4rec/dataset';
import { shopItems } from '@gru4rec/synthetic';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkPage, siteSessions, writeSite } from '../../src/playground/write-site.ts';
import { makeFolder, ok } from '../run-trainer.ts';
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
    const files = ['assets', 'index.html', 'model', 'playground.json', 'sessions.json'];
    expect(readdirSync(site).sort()).toEqual(files);
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
    await ok(folder(), 'prepare --input clicks.tsv --items items.csv --output items');
    const settings = 'nEpochs=1 layers=8 batchSize=8 nSample=32 itemFeatures=group';
    await ok(folder(), `train items --output featured --set ${settings}`);
    const [site, model] = [makeFolder(), join(folder(), 'featured')];
    await writeSite(site, { ...contents, model }, page());
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

/** A dataset of sessions of items with ids of one letter, a second after each other. */
function datasetOf(train: string, test?: string): SessionDataset {
  const itemIds = [...new Set(`${train}${test ?? ''}`.replaceAll(' ', ''))];
  const split = (text: string) => {
    const sessions = text.split(' ');
    const items = Int32Array.from(sessions.join(''), (id) => itemIds.indexOf(id));
    return {
      sessionIds: sessions.map((_, n) => `${n}`),
      sessionOffsets: Int32Array.from([
        0,
        ...sessions.map((_, n) => sessions.slice(0, n + 1).join('').length),
      ]),
      items,
      sessionStartTimes: Float64Array.from(sessions, (_, n) => 1000 * n),
      times: new BigInt64Array(items.length),
    };
  };
  const support = new Int32Array(itemIds.length);
  const rest = { directory: '', manifest: {} as SessionDataset['manifest'], itemIds, support };
  return { ...rest, train: split(train), ...(test && { test: split(test) }) };
}

describe('siteSessions', () => {
  const model = ['c', 'b', 'a'];
  /** Sessions of a result, each as the ids of its items. */
  const idsOf = (split: { sessionOffsets: Int32Array; items: Int32Array } | undefined) =>
    Array.from(split?.sessionOffsets.subarray(1) ?? [], (end, n) =>
      Array.from(split?.items.subarray(split.sessionOffsets[n], end) ?? [], (item) => model[item]).join(''),
    );

  it('numbers items as the model does, and leaves out what it does not know', () => {
    const { train, test, validation } = siteSessions(model, datasetOf('ab axc xay', 'xbc'), 10);
    expect(idsOf(train)).toEqual(['ab', 'ac']);
    expect([...train.sessionStartTimes]).toEqual([0, 1000]);
    expect(idsOf(test)).toEqual(['bc']);
    expect(validation).toBeUndefined();
  });

  it('keeps the latest training sessions', () => {
    const { train } = siteSessions(model, datasetOf('ab bca ca'), 2);
    expect(idsOf(train)).toEqual(['bca', 'ca']);
    expect([...train.sessionStartTimes]).toEqual([1000, 2000]);
  });

  it('has no split without a session, and refuses a dataset of other items', () => {
    expect(siteSessions(model, datasetOf('ab', 'xy'), 5).test).toBeUndefined();
    expect(() => siteSessions(model, datasetOf('xy'), 5)).toThrow(
      '--data expected sessions with items of the model',
    );
  });
});
