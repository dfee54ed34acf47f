import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ItemsFile } from '../../src/index.ts';
import { checkRules } from '../../src/sessions/rules.ts';
import { idsOf, namedItems, type Running, startServer, testFolder } from '../tiny-server.ts';

const CLICKED = ['1021', '1035'];

let running: Running;
/** All items after the clicks, best first. */
let ranked: { id: string; score: number }[];
beforeAll(async () => {
  const file = join(testFolder(afterAll), 'items.csv');
  // Groups by the last digit's parity; 1014 is sold out.
  const rows = Array.from({ length: 30 }, (_, item) => {
    const id = 1000 + 7 * item;
    return `${id},Item ${id},${id % 2 ? 'odd' : 'even'},${id === 1014 ? 'false' : ''}`;
  });
  writeFileSync(file, ['id,title,group,available', ...rows, '9999,Not trained,odd,true'].join('\n'));
  running = await startServer({ items: await ItemsFile.open(file) }, afterAll);
  const session = running.model.startSession();
  for (const item of CLICKED) session.click(item);
  ranked = namedItems(session.top(30));
});

const recommend = (rules: object, n = 30) => running.ask('/v1/recommend', { items: CLICKED, n, ...rules });
const available = (without: readonly string[] = []) =>
  ranked.filter(({ id }) => id !== '1014' && !without.includes(id));

describe('rules of a request', () => {
  it('never gives an item that is not available', async () => {
    expect((await recommend({})).body.items).toEqual(available());
    expect(idsOf(await recommend({ allow: ['1014', '1007'] }))).toEqual(['1007']);
    expect(idsOf(await recommend({ pinned: [{ position: 1, item: '1014' }] }))).not.toContain('1014');
    const ranking = await running.ask('/v1/rank', { items: CLICKED, candidates: ['1014', '1007'] });
    expect(idsOf(ranking)).toEqual(['1007']);
  });

  it.each<[string, object, (id: string) => boolean]>([
    ['denies', { deny: ['1007', 'unknown'] }, (id) => id !== '1007'],
    ['allows only', { allow: ['1007', '1049', 'unknown'] }, (id) => ['1007', '1049'].includes(id)],
    ['excludes the items of the session', { excludeSeen: true }, (id) => !CLICKED.includes(id)],
  ])('%s', async (_, rules, isListed) => {
    expect((await recommend(rules)).body.items).toEqual(available().filter(({ id }) => isListed(id)));
  });

  it('limits the items per group, of the items file or of the request', async () => {
    const first = (parity: number) =>
      available()
        .filter(({ id }) => Number(id) % 2 === parity)
        .slice(0, 2);
    const both = new Set([...first(0), ...first(1)]);
    const limited = available().filter((item) => both.has(item));
    expect((await recommend({ maxPerGroup: 2 })).body.items).toEqual(limited);
    const [best, second, third] = available();
    const groups = { [best!.id]: 'a', [second!.id]: 'a', [third!.id]: 'b' };
    const own = (await recommend({ maxPerGroup: 1, groups })).body.items;
    expect(own).toEqual(available([second!.id]));
  });

  it('adds boosts to the scores of items and of groups', async () => {
    const boost = { items: { '1007': 2.5, unknown: 1 }, groups: { odd: -1 } };
    const expected = available()
      .map(({ id, score }) => ({ id, score: score + (id === '1007' ? 2.5 : 0) + (Number(id) % 2 ? -1 : 0) }))
      .sort((a, b) => b.score - a.score);
    const { body } = await recommend({ boost });
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual(expected.map(({ id }) => id));
    for (const [at, { score }] of body.items.entries()) expect(score).toBeCloseTo(expected[at]!.score, 12);
    const few = (await recommend({ boost, allow: ['1007', '1049'] })).body.items;
    expect(few).toEqual(body.items.filter(({ id }: { id: string }) => ['1007', '1049'].includes(id)));
  });

  it('pins items at positions', async () => {
    const rest = available();
    const [pin, last] = [rest[20]!, rest[25]!];
    const pinned = [
      { position: 4, item: last.id },
      { position: 1, item: pin.id },
    ];
    const { body } = await recommend({ pinned }, 6);
    expect(body.items).toEqual([pin, rest[0], rest[1], last, rest[2], rest[3]]);
  });

  it('pins an item that only the items file knows, without a score', async () => {
    const pinned = [{ position: 2, item: '9999' }];
    const { body } = await recommend({ pinned, fields: ['title'] }, 3);
    expect(body.items[1]).toEqual({ id: '9999', score: null, title: 'Not trained' });
    expect(body.items).toHaveLength(3);
  });

  it('gives n items while n pass the rules, also without a known item', async () => {
    for (const items of [CLICKED, ['unknown'], []]) {
      for (const rules of [
        {},
        { maxPerGroup: 5 },
        { deny: ['1000'] },
        { pinned: [{ position: 3, item: '1007' }] },
      ]) {
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
    [{ fields: ['price'] }, '"fields" expected one of title, group, available, got "price"'],
    [
      { items: Array(1001).fill('a') },
      expect.stringMatching(/^body\/items must NOT have more than 1000 items, got \["a",.{90,100}…$/),
    ],
    [{ boost: { items: { '1007': 1e9 } } }, 'body/boost/items/1007 must be <= 1000, got 1000000000'],
    [{ pinned: [{ position: 1 }] }, "body/pinned/0 must have required property 'item'"],
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
      '"maxPerGroup" expected "groups" with it, or an items file with groups, got none',
    );
    expect(await detailOf({ boost: { groups: { a: 1 } } })).toBe(
      '"boost.groups" expected "groups" with it, or an items file with groups, got none',
    );
  });
});
