import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ItemsFile } from '../../src/index.ts';
import { columnsOf, saveFeaturedModel, textOf, withItems } from '../featured-model.ts';
import { idsOf, namedItems, type Running, startServer, testFolder, topOf } from '../tiny-server.ts';

const folder = testFolder(afterAll);
const posted = join(folder, 'posted.jsonl');
let running: Running;
let model: Awaited<ReturnType<typeof saveFeaturedModel>>;

beforeAll(async () => {
  const directory = join(folder, 'model');
  model = await saveFeaturedModel(directory);
  running = await startServer({ directory, items: await ItemsFile.open(undefined, { posted }) }, afterAll);
}, 60_000);

const post = (...items: object[]) => running.ask('/v1/items', { items });
describe('POST /v1/items', () => {
  it('makes an item known by its features, exactly as the model would score it, and keeps it', async () => {
    const first = { ...columnsOf(8), title: 'Word1, and thing0!', colour: 'red' };
    const { status, body } = await post({ id: 'p1', ...first });
    expect(status).toBe(200);
    const version = expect.stringMatching(new RegExp(`^${model.checksum}\\+[0-9a-f]{16}$`));
    const none = { changed: [], kept: [] };
    const found = { model: 'shop', modelVersion: version, new: ['p1'], ...none, unknown: [] };
    expect(body).toEqual({ models: [found], unused: ['colour'] });
    const answer = await running.ask('/v1/recommend', { items: ['1021'], n: 31, fields: ['colour'] });
    const expected = topOf(withItems(model, { p1: first }), ['1021'], 31);
    expect(namedItems(answer.body.items)).toEqual(expected);
    expect(answer.body.items.find(({ id }: { id: string }) => id === 'p1').colour).toBe('red');
    expect(answer.body.modelVersion).toBe(body.models[0].modelVersion);
    expect((await running.ask('/v1/models')).body.models[0]).toMatchObject({ items: 31, place: 'thread' });
    expect(JSON.parse(readFileSync(posted, 'utf8'))).toEqual({ id: 'p1', ...first });
    for (const item of ['1021', 'p1']) await running.ask('/v1/sessions/ann/events', { item });
    const { newItems } = (await running.ask('/v1/status')).body;
    expect(newItems).toMatchObject([{ id: 'p1', title: 'Word1, and thing0!', clicked: 1, known: true }]);
  });

  it('composes anew what has changed, and keeps what has not', async () => {
    const clicked = String(model.itemIds.at(3));
    const before = { ...columnsOf(8), brand: 'b2' };
    await post({ id: 'p1', ...before });
    const items = { p1: { ...before, brand: 'b4' }, p2: columnsOf(1), [clicked]: columnsOf(9) };
    const { body } = await post(...Object.entries(items).map(([id, columns]) => ({ id, ...columns })), {
      id: model.itemIds.at(5),
      ...columnsOf(5),
    });
    const kinds = {
      new: ['p2'],
      changed: expect.arrayContaining(['p1', clicked]),
      kept: [model.itemIds.at(5)],
    };
    expect(body.models[0]).toMatchObject(kinds);
    const answer = await running.ask('/v1/recommend', { items: [clicked], n: 32 });
    expect(answer.body.items).toEqual(topOf(withItems(model, items), [clicked], 32));
    const again = await post({ id: clicked, ...columnsOf(9) });
    expect(again.body.models[0]).toMatchObject({
      kept: [clicked],
      modelVersion: body.models[0].modelVersion,
    });
    const back = await post({ id: clicked, ...columnsOf(3) });
    expect(back.body.models[0].changed).toEqual([clicked]);
    const { p1, p2 } = items;
    const { body: last } = await running.ask('/v1/recommend', { items: ['p2'], n: 32 });
    expect(last.items).toEqual(topOf(withItems(model, { p1, p2 }), ['p2'], 32));
  });

  it('leaves out values without a feature, and names them', async () => {
    const { body } = await post({ id: 'p3', brand: 'b1 |unheard', title: null, price: 9.5 });
    const unknown = [{ item: 'p3', column: 'brand', value: 'unheard' }];
    expect(body).toMatchObject({ models: [{ new: ['p3'], unknown }], unused: ['price'] });
    const scored = await running.ask('/v1/recommend', { items: ['1021'], allow: ['p3'], n: 1 });
    const alike = withItems(model, { p3: { brand: 'b1', title: '' } });
    expect(scored.body.items).toEqual(topOf(alike, ['1021'], 1, { allow: ['p3'] }));
  });

  it('takes rules with items', async () => {
    const row = { id: 'p4', ...columnsOf(2) };
    await post({ ...row, available: false, group: 'late' });
    const ask = () => running.ask('/v1/recommend', { items: ['1021'], n: 40, fields: ['group'] });
    expect(idsOf(await ask())).not.toContain('p4');
    const { body } = await post({ ...row, available: true, group: 'late' });
    expect(body.models[0].kept).toEqual(['p4']);
    await expect.poll(async () => idsOf(await ask())).toContain('p4');
    const only = { items: ['1021'], n: 40, boost: { groups: { late: 100 } } };
    expect(idsOf(await running.ask('/v1/recommend', only))[0]).toBe('p4');
  });

  const row = { id: 'q', ...columnsOf(1) };
  it.each([
    [{ items: [row, { ...row, id: 'r' }, row] }, 'items[2]: the item "q" occurs twice'],
    [
      { items: [{ id: 'q', brand: 'b1' }] },
      'items[0]: "title" expected a value, or null for none, got nothing; the features of items are brand, title',
    ],
    [
      { items: [{ ...row, brand: { name: 'b1' } }] },
      'items[0]: "brand" expected a text, a number, true, false, null or a list of these, got {"name":"b1"}',
    ],
  ])('refuses what cannot be read, and changes nothing: %#', async (body, detail) => {
    const before = readFileSync(posted, 'utf8');
    const reply = await running.ask('/v1/items', body);
    expect(reply).toMatchObject({ status: 400, body: { detail: expect.stringContaining(detail) } });
    expect(readFileSync(posted, 'utf8')).toBe(before);
  });
});

describe('GET /v1/items/{itemId}/related', () => {
  const related = (id: unknown, query = '') => running.ask(`/v1/items/${id}/related${query}`);

  it('lists what is next, and says so where no items are together', async () => {
    const id = String(model.itemIds.at(4));
    const next = await running.ask('/v1/recommend', { items: [id], excludeSeen: true });
    expect((await related(id)).body).toMatchObject({
      source: 'next',
      items: next.body.items,
      fallback: false,
    });
    expect((await related(id, '?kind=together')).body).toMatchObject({
      source: 'next',
      items: next.body.items,
    });
  });

  it('lists items that are alike by what their features add to their rows, posted ones too', async () => {
    await post({ id: 'p1', ...columnsOf(8) });
    await post({ id: 'p9', ...columnsOf(9) });
    const shown = withItems(model, { p1: columnsOf(8), p9: columnsOf(9) });
    const own = model.tensors.find(({ name }) => name === 'own.Wy');
    const all = shown.tensors.find(({ name }) => name === 'Wy');
    const rowOf = (item: number) =>
      Array.from(
        { length: 12 },
        (_, at) => Number(all?.values[12 * item + at]) - (own?.values[12 * item + at] ?? 0),
      );
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, at) => sum + value * Number(y[at]), 0);
    const cosine = (x: number[], y: number[]) => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
    for (const id of ['p1', String(model.itemIds.at(9))]) {
      const row = rowOf(Number(shown.itemIndex(id)));
      const { body } = await related(id, '?kind=alike&n=40');
      expect(body).toMatchObject({ source: 'alike', fallback: false });
      const scores = new Map(Array.from(shown.itemIds, (other, item) => [other, cosine(row, rowOf(item))]));
      // An earlier test gave it other features.
      scores.delete(String(model.itemIds.at(3)));
      const ids = body.items.map(({ id: listed }: { id: string }) => listed);
      expect(ids).toEqual(expect.arrayContaining([...scores.keys()].filter((other) => other !== id)));
      expect(ids).not.toContain(id);
      for (const { id: other, score } of body.items) {
        if (scores.has(other)) expect(score).toBeCloseTo(Number(scores.get(other)), 5);
      }
    }
    const twin = (await related('p9', '?kind=alike&n=1')).body.items;
    expect(twin).toMatchObject([{ score: expect.closeTo(1, 4) }]);
    const deny = `&deny=${twin[0].id}`;
    expect((await related('p9', `?kind=alike&n=1${deny}`)).body.items[0].id).not.toBe(twin[0].id);
  });

  it('refuses an unknown item', async () => {
    const { status, body } = await related('none');
    expect([status, body.detail]).toEqual([404, 'The model "shop" knows no item "none"']);
  });
});

describe('POST /v1/items to a model with vectors', () => {
  it('takes lists of numbers, keeps trained items whose row has none, and refuses others', async () => {
    const directory = join(folder, 'of-vectors');
    const of = await saveFeaturedModel(directory, { itemVectors: ['text'] });
    const items = await ItemsFile.open(undefined, { posted: join(folder, 'of-vectors.jsonl') });
    const { ask } = await startServer({ directory, items });
    const known = String(of.itemIds.at(3));
    const p1 = { ...columnsOf(8), text: [0.25, -3, 1] };
    const changed = { ...columnsOf(3), text: textOf(9) };
    const rows = { p1, [known]: changed };
    const { body } = await ask('/v1/items', {
      items: Object.entries(rows).map(([id, columns]) => ({ id, ...columns })),
    });
    expect(body).toMatchObject({ models: [{ new: ['p1'], changed: [known] }], unused: [] });
    const answer = await ask('/v1/recommend', { items: ['1021'], n: 31 });
    expect(answer.body.items).toEqual(topOf(withItems(of, rows), ['1021'], 31));
    const back = await ask('/v1/items', { items: [{ id: known, ...columnsOf(3), text: textOf(3) }] });
    expect(back.body.models[0].changed).toEqual([known]);
    const without = await ask('/v1/items', { items: [{ id: known, ...columnsOf(4), text: null }] });
    expect(without.body.models[0].kept).toEqual([known]);
    const detailOf = async (text: unknown) => {
      const refusal = await ask('/v1/items', { items: [{ id: 'p2', ...columnsOf(4), text }] });
      expect(refusal.status).toBe(400);
      return refusal.body.detail;
    };
    expect(await detailOf([1, 2])).toBe(
      'items[0]: The item "p2": "text" expected 3 numbers as of other items, got 2',
    );
    expect(await detailOf(['x', 1, 2])).toBe('items[0]: The item "p2": "text" expected numbers, got "x"');
  });
});
