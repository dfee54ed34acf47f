import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shopItems } from '@gru4rec/synthetic';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkPage, writeSite } from '../../src/playground/write-site.ts';
import { makeFolder, runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
const contents = { model: undefined, data: undefined, sessions: 10, weights: 'float32' as const };

beforeAll(async () => {
  await trainTiny(folder(), 'model');
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
      'train',
      'items',
      '--output',
      'featured',
      '--set',
      'nEpochs=1',
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
