import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ImpactSums, readImpact } from '../src/index.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2026, 4, 1);
const WITHIN = 20 * HOUR_MS;
const iso = (hour: number) => new Date(START + hour * HOUR_MS).toISOString();

const visitor = fc.constantFrom('u', 'v', 'w');
const item = fc.constantFrom('a', 'b', 'c');
const hour = fc.integer({ min: 0, max: 70 });
const list = fc.record({
  visitor,
  hour,
  place: fc.constantFrom('p', 'q'),
  arm: fc.boolean(),
  items: fc.uniqueArray(item, { maxLength: 2 }),
  shown: fc.option(hour),
});
const click = fc.record({
  visitor,
  hour,
  item,
  list: fc.nat(8),
  value: fc.option(fc.integer({ min: 1, max: 90 })),
  cart: fc.boolean(),
});
const back = fc.record({ click: fc.nat(8), hour });
const logs = fc.record({
  lists: fc.array(list, { minLength: 1, maxLength: 8 }),
  clicks: fc.array(click, { maxLength: 12 }),
  backs: fc.array(back, { maxLength: 3 }),
  mixed: fc.boolean(),
});
type Logs = typeof logs extends fc.Arbitrary<infer T> ? T : never;

interface AnswerLine {
  readonly SessionId: string;
  readonly Time: string;
  readonly Kind: string;
  readonly RecommendationId?: string;
  readonly Place?: string;
  readonly Arm?: string;
  readonly Share?: number;
  readonly Items: readonly (string | undefined)[];
  readonly OrderId?: string | undefined;
  readonly Value?: number;
}

/** The lines of events and answers; every time differs. */
function linesOf({ lists, clicks, backs }: Logs) {
  let unique = 0;
  const at = (hours: number) => iso(hours + unique++ / 1e5);
  const answers: AnswerLine[] = lists.flatMap(({ visitor, hour, place, arm, items, shown }, id) => [
    {
      SessionId: visitor,
      Time: at(hour),
      Kind: 'answer',
      RecommendationId: `r${id}`,
      Place: place,
      Arm: arm ? 'model' : 'none',
      Share: 0.5,
      Items: items,
    },
    ...(shown === null
      ? []
      : [
          {
            SessionId: visitor,
            Time: at(shown),
            Kind: 'shown',
            RecommendationId: `r${id}`,
            Items: items.slice(0, 1),
          },
        ]),
  ]);
  const events = clicks.map(({ visitor, hour, item, list, value, cart }, id) => ({
    ...{ SessionId: visitor, ItemId: item, Time: at(hour), EventId: `e${id}` },
    ...(lists[list] && { RecommendationId: `r${list}` }),
    ...(cart && { Type: 'cart' }),
    ...(value !== null && { Value: value, OrderId: `o${id}` }),
  }));
  const returns: AnswerLine[] = backs.flatMap(({ click, hour }) => {
    const { SessionId, ItemId, OrderId, Value = 0 } = { OrderId: undefined, ...events[click] };
    return OrderId === undefined
      ? []
      : [{ SessionId, Time: at(hour), Kind: 'return', Items: [ItemId], OrderId, Value: -Value }];
  });
  return { events, answers: [...answers, ...returns] };
}

/** The same, by loops. */
function oracle({ events, answers }: ReturnType<typeof linesOf>) {
  const ms = (time: string) => Date.parse(time);
  const lists = answers.filter(({ Kind }) => Kind === 'answer');
  const end = Math.max(...[...events, ...lists].map(({ Time }) => ms(Time)));
  const shownOf = (id: unknown) => answers.find((one) => one.Kind === 'shown' && one.RecommendationId === id);
  const clicked = events.flatMap((event) => {
    const of = lists.find(({ RecommendationId }) => RecommendationId === event.RecommendationId);
    return of?.Items.includes(event.ItemId) ? [{ ...event, Place: of.Place, Arm: of.Arm }] : [];
  });
  const orders = events
    .filter(({ Value }) => Value !== undefined)
    .map((event) => {
      const came = answers.filter((one) => one.Kind === 'return' && one.OrderId === event.OrderId);
      return { ...event, Value: (event.Value ?? 0) + came.reduce((sum, { Value }) => sum + (Value ?? 0), 0) };
    });
  const attributed: Record<string, number> = {};
  const seen: Record<string, number> = {};
  const visitors: Record<string, number[]> = {};
  const add = (to: Record<string, number>, name: string, value: number) => {
    to[name] = (to[name] ?? 0) + value;
  };
  const latest = <One extends { Time: string }>(all: One[], before: string) =>
    all.filter(({ Time }) => ms(Time) <= ms(before)).sort((a, b) => ms(b.Time) - ms(a.Time))[0];
  for (const order of orders) {
    const alike = <One extends { SessionId: string }>(one: One) => one.SessionId === order.SessionId;
    const last = latest(
      clicked.filter((one) => alike(one) && one.ItemId === order.ItemId),
      order.Time,
    );
    if (last && ms(order.Time) - ms(last.Time) <= WITHIN)
      add(attributed, `${last.Place} ${last.Arm}`, order.Value);
    const views = lists.filter(alike).flatMap((one) => {
      const usesShown = lists.some((other) => other.Place === one.Place && shownOf(other.RecommendationId));
      const view = usesShown ? shownOf(one.RecommendationId) : one;
      return view?.Items.includes(order.ItemId) ? [{ ...one, Time: view.Time }] : [];
    });
    const view = latest(views, order.Time);
    if (view && ms(order.Time) - ms(view.Time) <= WITHIN) add(seen, `${view.Place} ${view.Arm}`, order.Value);
  }
  for (const place of ['p', 'q'])
    for (const id of ['u', 'v', 'w']) {
      const own = lists.filter((one) => one.Place === place && one.SessionId === id);
      const first = own.sort((a, b) => ms(a.Time) - ms(b.Time))[0];
      if (!first || new Set(own.map(({ Arm }) => Arm)).size > 1 || ms(first.Time) + WITHIN > end) continue;
      const inTime = ({ Time }: { Time: string }) => ms(Time) < ms(first.Time) + WITHIN;
      const bought = orders.filter(
        (one) => one.SessionId === id && ms(one.Time) >= ms(first.Time) && inTime(one),
      );
      const clicks = clicked.filter(
        (one) => one.Place === place && one.SessionId === id && inTime(one),
      ).length;
      const name = `${place} ${first.Arm}`;
      const sums = visitors[name] ?? [0, 0, 0, 0];
      visitors[name] = sums;
      const values = [
        1,
        own.filter(inTime).length,
        clicks,
        bought.reduce((sum, { Value }) => sum + Value, 0),
      ];
      for (const [i, value] of values.entries()) sums[i] = (sums[i] ?? 0) + value;
    }
  return { attributed, seen, visitors };
}

function summed({ days, visitors }: ImpactSums) {
  const of = (name: 'revenue' | 'seenRevenue') => {
    const sums: Record<string, number> = {};
    for (const one of days)
      if (one[name] !== 0)
        sums[`${one.place} ${one.arm}`] = (sums[`${one.place} ${one.arm}`] ?? 0) + one[name];
    return sums;
  };
  const byArm: Record<string, number[]> = {};
  for (const one of visitors) {
    const name = `${one.place} ${one.arm}`;
    const sums = byArm[name] ?? [0, 0, 0, 0];
    byArm[name] = sums;
    for (const [i, value] of [one.visitors, one.lists, one.clicks, one.revenue].entries())
      sums[i] = (sums[i] ?? 0) + value;
  }
  return { attributed: of('revenue'), seen: of('seenRevenue'), visitors: byArm };
}

const withoutZeros = (sums: Record<string, number>) =>
  Object.fromEntries(Object.entries(sums).filter(([, value]) => value !== 0));

it('attributes and sums as loops over the lines do, whatever their order, twice, in several servers’ folders', async () => {
  await fc.assert(
    fc.asyncProperty(logs, async (made) => {
      const lines = linesOf(made);
      const folder = mkdtempSync(join(tmpdir(), 'gru4rec-impact-test-'));
      try {
        const servers = made.mixed ? ['a', 'b'] : ['.'];
        for (const [at, server] of servers.entries()) {
          mkdirSync(join(folder, server, 'answers'), { recursive: true });
          const text = (all: object[]) =>
            `{"EventLog":"gru4rec"}\n${' '.repeat(9)}\n${all.map((one) => JSON.stringify(one)).join('\n')}\n{"torn`;
          const some = <One>(all: One[]) => (at === 0 ? all : all.toReversed());
          writeFileSync(join(folder, server, '2026-05-01.jsonl'), text(some(lines.events)));
          writeFileSync(
            join(folder, server, 'answers', '2026-05-01.jsonl.gz'),
            gzipSync(text(some(lines.answers))),
          );
        }
        const { attributed, seen, visitors } = oracle(lines);
        const expected = { attributed: withoutZeros(attributed), seen: withoutZeros(seen), visitors };
        expect(summed(await readImpact([folder], WITHIN))).toEqual(expected);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 25 },
  );
});

it('reports the latest experiment, and a return that was sent again once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-impact-test-'));
  mkdirSync(join(folder, 'answers'));
  const write = (name: string, lines: object[]) =>
    writeFileSync(
      join(folder, name, '2026-05-01.jsonl'),
      lines.map((line) => JSON.stringify(line)).join('\n'),
    );
  const answer = { SessionId: 'u', Kind: 'answer', Place: 'p', Arm: 'model', Share: 1, Items: ['a'] };
  const back = { SessionId: 'u', Kind: 'return', EventId: 'b', OrderId: 'o', Value: -2, Items: ['a'] };
  write('answers', [
    { ...answer, RecommendationId: '1', Time: iso(1) },
    { ...answer, RecommendationId: '2', Time: iso(2), Experiment: 'autumn' },
    { ...back, Time: iso(4) },
    { ...back, Time: iso(5) },
  ]);
  const order = { SessionId: 'u', ItemId: 'a', EventId: 'e', OrderId: 'o', Value: 9, Time: iso(3) };
  write('.', [order, { ...order, EventId: 'later', OrderId: 'x', Time: iso(60) }]);
  const { days, visitors } = await readImpact([folder], WITHIN);
  expect(days).toMatchObject([{ lists: 1, seenRevenue: 7 }]);
  expect(visitors).toMatchObject([{ visitors: 1, lists: 1, revenue: 7 }]);
  rmSync(folder, { recursive: true });
});

it('names what a log without places lacks', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-impact-test-'));
  await expect(readImpact([folder], DAY_MS)).rejects.toThrow('Send "place" with the requests');
  rmSync(folder, { recursive: true });
});
