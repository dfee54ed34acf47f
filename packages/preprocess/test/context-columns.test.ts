import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset, type SessionTable } from '@gru4rec/dataset';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { append, type PrepareOptions, prepare } from '../src/index.ts';
import { useLogs } from './logs.ts';

const folder = testFolder();
const { messageFor } = useLogs();
let count = 0;

type Row = readonly [session: string, item: string, time: number, type: string, device: string];

const rows: readonly Row[] = [
  ['s1', 'a', 1, 'view', 'phone'],
  ['s2', 'b', 2, 'view', ''],
  ['s1', 'b', 3, 'cart', 'phone'],
  ['s1', 'c', 4, 'view', 'desk, top'],
  ['s2', 'a', 5, 'view', 'tablet'],
  ['s2', 'c', 6, 'buy', 'phone'],
];
const csv = (some: readonly Row[]) =>
  `SessionId,ItemId,Time,type,device\n${some
    .map(([s, i, t, type, device]) => `${s},${i},${t},${type},"${device}"\n`)
    .join('')}`;
const jsonLines = (some: readonly Row[]) =>
  some
    .map(([SessionId, ItemId, Time, type, device]) =>
      JSON.stringify({ SessionId, ItemId, Time, type, ...(device !== '' && { device }) }),
    )
    .join('\n');

/** Sessions as texts `item:value,value`. */
function readable(
  { sessionIds, sessionOffsets, items, context }: SessionTable,
  { itemIds, contextColumns = [] }: Awaited<ReturnType<typeof readDataset>>,
): string[] {
  const width = contextColumns.length;
  return sessionIds.map((id, session) => {
    const clicks = Array.from(
      items.subarray(sessionOffsets[session], sessionOffsets[session + 1]),
      (item, at) => {
        const event = (sessionOffsets[session] ?? 0) + at;
        const values = contextColumns.map(
          (column, c) => column.values[context?.[event * width + c] ?? -1] ?? '–',
        );
        return `${itemIds.at(item)}:${values}`;
      },
    );
    return `${id} ${clicks.join(' ')}`;
  });
}

async function prepared(content: string, options: Partial<PrepareOptions> = {}) {
  const [file, output] = [join(folder, `log-${count++}`), join(folder, `data-${count}`)];
  writeFileSync(file, content);
  await prepare({ inputs: [file], output, ...options });
  const data = await readDataset(output);
  return { output, data, train: readable(data.train, data) };
}

const both = { eventColumn: 'type', contextColumns: ['device'] };
const expected = ['s1 a:view,phone b:cart,phone c:view,desk, top', 's2 b:view,– a:view,tablet c:buy,phone'];

describe('prepare, columns of clicks', () => {
  it.each([
    ['CSV', csv(rows)],
    ['JSON Lines', jsonLines(rows)],
  ])('keeps types and further columns of %s', async (_, content) => {
    const { data, train } = await prepared(content, both);
    expect(train).toEqual(expected);
    expect(data.contextColumns).toEqual([
      { name: 'type', values: ['view', 'buy', 'cart'], isType: true },
      { name: 'device', values: ['phone', 'desk, top', 'tablet'] },
    ]);
  });

  it('keeps columns of sessions in lines, only of the types asked for, and without types', async () => {
    const events = (id: string) =>
      rows.filter(([session]) => session === id).map(([, i, t, type, device]) => ({ i, t, type, device }));
    const lines = ['s1', 's2'].map((id) => JSON.stringify({ SessionId: id, events: events(id) })).join('\n');
    const nested = { eventsField: 'events', itemColumn: 'i', timeColumn: 't' };
    expect((await prepared(lines, { ...both, ...nested })).train).toEqual(expected);
    const views = await prepared(csv(rows), { ...both, eventTypes: ['view', 'buy'] });
    expect(views.train).toEqual(['s1 a:view,phone c:view,desk, top', expected[1]]);
    expect((await prepared(csv(rows))).data.contextColumns).toBeUndefined();
    expect((await prepared(csv(rows), { contextColumns: ['device'] })).train).toEqual([
      's1 a:phone b:phone c:desk, top',
      's2 b:– a:tablet c:phone',
    ]);
  });

  it('keeps them in order however rows are ordered, cut, filtered and split', async () => {
    const cut = { userColumn: 'SessionId', sessionGapMs: 1000, minSessionLength: 1, testFraction: 0.25 };
    const { data, train } = await prepared(csv(rows.toReversed()), { ...both, ...cut });
    expect(train).toEqual(['s1#1 a:view,phone', 's2#1 b:view,–', 's1#2 b:cart,phone c:view,desk, top']);
    expect(data.test && readable(data.test, data)).toEqual(['s2#2 a:view,tablet c:buy,phone']);
    const rare = csv([...rows, ['s2', 'd', 7, 'view', 'tablet']]);
    expect((await prepared(rare, { ...both, minItemSupport: 2 })).train).toEqual(expected);
  });

  it('adds the values of a new day to those of the dataset', async () => {
    const { output } = await prepared(csv(rows), both);
    const day: readonly Row[] = [
      ['s3', 'c', 10, 'rate', 'tablet'],
      ['s3', 'd', 11, 'view', 'watch'],
    ];
    const file = join(folder, 'day.csv');
    writeFileSync(file, csv(day));
    await append({ inputs: [file], output });
    const data = await readDataset(output);
    expect(readable(data.train, data)).toEqual([...expected, 's3 c:rate,tablet d:view,watch']);
    expect(data.contextColumns?.map(({ values }) => values.at(-1))).toEqual(['rate', 'watch']);
  });

  it('folds the rarest of many values into one', async () => {
    const many = Array.from({ length: 3000 }, (_, at): Row => {
      return ['s', `i${at % 7}`, at, 'view', at < 1200 ? `rare ${at}` : `value ${at % 600}`];
    });
    const { data } = await prepared(csv(many), both);
    const [, device] = data.contextColumns ?? [];
    expect(device?.values).toHaveLength(1000);
    expect(device?.values.at(-1)).toBe('(other)');
  });

  it('refuses columns of ids, and missing ones', async () => {
    const ids = Array.from({ length: 2500 }, (_, at): Row => ['s', 'a', at, 'view', `visitor ${at}`]);
    const message = (got: string) =>
      `prepare: column "device" expected 1000 values in at least half of the rows that have one, got ${got}, at FILE. ` +
      'An id says nothing of other clicks: leave the column out, or group its values.';
    expect(await messageFor(csv(ids), both)).toBe(message('2500 distinct ones'));
    const many = Array.from({ length: 100_001 }, (_, at): Row => ['s', 'a', at, 'view', String(at)]);
    expect(await messageFor(csv(many), both)).toBe(message('more than 100000 distinct ones'));
    expect(await messageFor(csv(rows), { contextColumns: ['city'] })).toContain(
      'prepare: column "city" expected among the columns',
    );
  });
});
