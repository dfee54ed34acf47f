import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Selection } from '@gru4rec/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ItemsFile } from '../../src/index.ts';
import { checkRules } from '../../src/sessions/rules.ts';
import { idsOf, type Running, startServer, testFolder, topOf } from '../tiny-server.ts';

const CLICKED = ['1021', '1035'];

let running: Running;
/** All items after the clicks, best first. */
let ranked: { id: string; score: number }[];
beforeAll(async () => {
  const file = join(testFolder(afterAll), 'items.csv');
  // Groups by the last digit's parity; 1014 is sold out.
  const rows = Array.from({ length: 30 }, (_, item) => {
    const id = 1000 + 7 * item;
    const { tags, price } = columnsOf(String(id));
    return `${id},Item ${id},${id % 2 ? 'odd' : 'even'},${id === 1014 ? 'false' : ''},${tags.join('|')},${price}`;
  });
  const head = 'id,title,group,available,tags,price';
  writeFileSync(file, [head, ...rows, '9999,Not trained,odd,true,,'].join('\n'));
  running = await startServer({ items: await ItemsFile.open(file) }, afterAll);
  ranked = topOf(running.model, CLICKED, 30);
});

/** Item 1000 has neither tags nor a price. */
function columnsOf(id: string): { tags: string[]; price: number | '' } {
  const number = Number(id);
  if (number === 1000) return { tags: [], price: '' };
  return { tags: [`t${number % 3}`, `u${number % 4}`], price: number % 50 };
}

const recommend = (rules: object, n = 30) => running.ask('/v1/recommend', { items: CLICKED, n, ...rules });

describe('rules of a request', () => {
  it('never gives an item that is not available', async () => {
    expect((await recommend({})).body.items).toEqual(ranked.filter(({ id }) => id !== '1014'));
    expect(idsOf(await recommend({ allow: ['1014', '1007'] }))).toEqual(['1007']);
    expect(idsOf(await recommend({ pinned: [{ position: 1, item: '1014' }] }))).not.toContain('1014');
    const ranking = await running.ask('/v1/rank', { items: CLICKED, candidates: ['1014', '1007'] });
    expect(idsOf(ranking)).toEqual(['1007']);
  });

  const parity = (id: string) => (Number(id) % 2 ? 'odd' : 'even');
  const groups = { '1021': 'a', '1028': 'a', '1035': 'b', '1042': 'b' };
  const pinned = Object.entries({ '1049': 4, '1056': 1 }).map(([item, position]) => ({ item, position }));
  it.each<[string, object, Selection]>([
    ['denies', { deny: ['1007', 'unknown'] }, { deny: ['1007'] }],
    ['allows only', { allow: ['1007', '1049', 'unknown'] }, { allow: ['1007', '1049'] }],
    ['excludes the items of the session', { excludeSeen: true }, { excludeSeen: true }],
    ['limits groups of the items file', { maxPerGroup: 2 }, { maxPerGroup: 2, groups: parity }],
    [
      'limits groups of the request',
      { maxPerGroup: 1, groups },
      { maxPerGroup: 1, groups: new Map(Object.entries(groups)) },
    ],
    [
      'boosts items and groups',
      { boost: { items: { '1007': 2.5, unknown: 1 }, groups: { odd: -1 } } },
      { boost: { items: new Map([['1007', 2.5]]), groups: new Map([['odd', -1]]) }, groups: parity },
    ],
    ['mixes for variety', { variety: 0.9 }, { variety: 0.9 }],
    ['pins items at positions', { pinned }, { pinned }],
  ])('%s, as the library does', async (_, rules, { deny = [], ...selection }) => {
    const expected = topOf(running.model, CLICKED, 30, { ...selection, deny: [...deny, '1014'] });
    expect((await recommend(rules)).body.items).toEqual(expected);
  });

  it.each<[object, (columns: ReturnType<typeof columnsOf>) => boolean]>([
    [{ tags: 't1' }, ({ tags }) => tags.includes('t1')],
    [{ tags: ['t1', 'u2'] }, ({ tags }) => tags.includes('t1') || tags.includes('u2')],
    [{ tags: { not: ['t1', 'u2'] } }, ({ tags }) => !tags.includes('t1') && !tags.includes('u2')],
    [{ tags: { same: true } }, ({ tags }) => columnsOf('1035').tags.some((tag) => tags.includes(tag))],
    [{ price: 35 }, ({ price }) => price === 35],
    [{ price: { gte: 7, lt: 28 } }, ({ price }) => price !== '' && price >= 7 && price < 28],
    [
      { price: { gt: 7, lte: 28, not: 21 }, tags: 't1' },
      ({ price, tags }) => tags.includes('t1') && price !== '' && price > 7 && price <= 28 && price !== 21,
    ],
    [
      { group: 'odd', tags: { not: 't2' } },
      ({ price, tags }) => price !== '' && price % 2 === 1 && !tags.includes('t2'),
    ],
    [{ tags: 'none' }, () => false],
  ])('lists the items where %j holds, and says how many are left', async (where, holds) => {
    const left = ranked.filter(({ id }) => id !== '1014' && holds(columnsOf(id)));
    const { body } = await recommend({ where });
    expect(body).toMatchObject({ items: left, left: left.length });
    const pinned = [{ position: 1, item: '1007' }];
    const withPin = idsOf(await recommend({ where, pinned }));
    expect(new Set(withPin)).toEqual(new Set(left.map(({ id }) => id)));
    const allow = ['1007', '1014', '1021', '1042', '1063'];
    const some = left.filter(({ id }) => allow.includes(id));
    expect((await recommend({ where, allow })).body.items).toEqual(some);
    const inQuery = encodeURIComponent(JSON.stringify(where));
    const query = await running.ask(`/v1/sessions/nobody/recommendations?n=30&where=${inQuery}`);
    if (!JSON.stringify(where).includes('same')) expect(query.body.left).toBe(left.length);
  });

  it('limits groups of any column, and says that a rule leaves nothing', async () => {
    const items = idsOf(await recommend({ maxPerGroup: 1, groupBy: 'tags' }));
    expect(items).toHaveLength(new Set(ranked.map(({ id }) => columnsOf(id).tags.join())).size);
    expect((await recommend({ where: { price: { lt: 0 } } })).body).toMatchObject({ items: [], left: 0 });
    expect((await recommend({})).body.left).toBeUndefined();
  });

  it('pins an item that only the items file knows, without a score', async () => {
    const pinned = [{ position: 2, item: '9999' }];
    const { body } = await recommend({ pinned, fields: ['title'] }, 3);
    expect(body.items[1]).toEqual({ id: '9999', score: null, title: 'Not trained' });
    expect(body.items).toHaveLength(3);
  });

  it('gives n items while n pass the rules, also without a known item', async () => {
    for (const items of [CLICKED, ['unknown'], []]) {
      const pinned = [{ position: 3, item: '1007' }];
      for (const rules of [{}, { maxPerGroup: 5 }, { deny: ['1000'] }, { pinned }]) {
        const reply = await running.ask('/v1/recommend', { items, n: 9, ...rules });
        expect(new Set(idsOf(reply)).size).toBe(9);
        expect(reply.body.fallback).toBe(items !== CLICKED);
      }
    }
  });

  it('repeats the columns of the items file that fields names', async () => {
    const { body } = await recommend({ fields: ['title', 'group'] }, 1);
    const { id, score } = ranked[0]!;
    expect(body.items).toEqual([{ id, score, title: `Item ${id}`, group: Number(id) % 2 ? 'odd' : 'even' }]);
    const session = await running.ask('/v1/sessions/s/recommendations?n=1&fields=title');
    expect(session.body.items[0].title).toBe(`Item ${session.body.items[0].id}`);
  });

  it.each([
    [{ fields: ['cost'] }, '"fields" expected one of title, group, available, tags, price, got "cost"'],
    [{ where: { cost: 1 } }, '"where" expected columns of title, group, available, tags, price, got "cost"'],
    [
      { where: { price: 'cheap' } },
      '"where.price" expected a number, a list of these, {"not": …}, {"same": true}, {"lt", "lte", "gt" or "gte": number}, got "cheap"',
    ],
    [
      { where: { tags: { gte: 1 } } },
      '"where.tags.gte" expected a text, a list of these, {"not": …}, {"same": true}, got 1',
    ],
    [
      { maxPerGroup: 1, groupBy: 'cost' },
      '"maxPerGroup" expected "groups" with it, or an items file with the column cost, got none',
    ],
    [{ boost: { items: { '1007': 1e9 } } }, 'body/boost/items/1007 must be <= 1000, got 1000000000'],
  ])('refuses %j', async (rules, detail) => {
    const reply = await recommend(rules);
    expect(reply).toMatchObject({ status: 400, body: { detail } });
  });
});

describe('checkRules', () => {
  it('names some of many columns of the items file', async () => {
    const file = join(testFolder(), 'wide.jsonl');
    const columns = Array.from({ length: 60_000 }, (_, at) => [`column ${at}`, at]);
    writeFileSync(file, JSON.stringify({ id: 'a', ...Object.fromEntries(columns) }));
    const items = await ItemsFile.open(file);
    expect(() => checkRules({ fields: ['x'] }, items)).toThrow(/column 19, and 59980 more, got "x"$/);
  });
});

describe('rules without an items file', () => {
  it('refuses what needs one', async () => {
    const { ask } = await startServer();
    const detailOf = async (rules: object) =>
      (await ask('/v1/recommend', { items: [], ...rules })).body.detail;
    expect(await detailOf({ fields: ['title'] })).toBe(
      '"fields" expected a server with an items file, got "title"',
    );
    expect(await detailOf({ maxPerGroup: 1 })).toBe(
      '"maxPerGroup" expected "groups" with it, or an items file with the column group, got none',
    );
    expect(await detailOf({ where: {} })).toBe('"where" expected an items file with columns, got none');
  });
});
