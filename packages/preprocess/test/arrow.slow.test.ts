import { gzipSync } from 'node:zlib';
import {
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int8,
  Int32,
  Int64,
  LargeUtf8,
  List,
  Null,
  Table,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  tableToIPC,
  Uint64,
  Utf8,
  Utf8View,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { arrowFile, arrowFiles } from './fuzz/arrow-files.ts';
import { writeParquet } from './fuzz/parquet-files.ts';
import { useLogs } from './logs.ts';

const { prepared, messageFor } = useLogs();

const plainOf = (content: Uint8Array, options = {}) => prepared(content, { minSessionLength: 1, ...options });

type Values = readonly unknown[];
const start = 1_396_437_466_940;
const texts = ['7', '007', 'Łódź 👟', 'a longer text than a view holds within'];

function tableOf(items: [DataType, Values], times?: [DataType, Values]): Table {
  const rows = items[1].length;
  const [timeType, timeValues] = times ?? [
    new Int64(),
    Array.from({ length: rows }, (_, row) => BigInt(start + row)),
  ];
  return new Table({
    SessionId: vectorFromArray(Array(rows).fill('s'), new Utf8()),
    ItemId: vectorFromArray(items[1] as never, items[0]),
    Time: vectorFromArray(timeValues as never, timeType),
  });
}

async function itemsOf(type: DataType, values: Values): Promise<readonly string[]> {
  const { splits } = await plainOf(arrowFile(tableOf([type, values])));
  return splits['train'][0].items;
}

async function parquetItems(list: readonly string[]): Promise<readonly string[]> {
  const rows = list.map(
    (value, row) => `SELECT 's' AS "SessionId", ${value} AS "ItemId", ${start + row} AS "Time"`,
  );
  const bytes = await writeParquet(rows.join(' UNION ALL '));
  return (await plainOf(bytes)).splits['train'][0].items;
}

describe('prepare, Arrow', () => {
  it.each([
    ['texts', new Utf8()],
    ['large texts', new LargeUtf8()],
    ['views of texts', new Utf8View()],
    ['dictionaries of texts', new Dictionary(new Utf8(), new Int8())],
  ])('reads %s exactly', async (_, type) => {
    expect(await itemsOf(type, texts)).toEqual(texts);
  });

  it('reads whole numbers exactly', async () => {
    expect(await itemsOf(new Int8(), [-128, 0, 127])).toEqual(['-128', '0', '127']);
    const large = [2n ** 63n, 2n ** 64n - 1n, 0n];
    expect(await itemsOf(new Uint64(), large)).toEqual(large.map(String));
    expect(await itemsOf(new Int64(), [-(2n ** 63n), 2n ** 53n + 1n])).toEqual([
      '-9223372036854775808',
      '9007199254740993',
    ]);
  });

  it('reads other types as the Parquet reader does', async () => {
    const doubles = [1, 0.1, 1e20, 1.5e-7, 123456789.25];
    expect(await itemsOf(new Float64(), doubles)).toEqual(
      await parquetItems(doubles.map((x) => `${x}::DOUBLE`)),
    );
    const floats = [1, 0.1, 16777216, 1e10];
    expect(await itemsOf(new Float32(), floats)).toEqual(
      await parquetItems(floats.map((x) => `${x}::FLOAT`)),
    );
    expect(await itemsOf(new Bool(), [true, false])).toEqual(await parquetItems(['true', 'false']));
    const days = ['1969-12-31', '2024-02-29'];
    expect(
      await itemsOf(
        new DateDay(),
        days.map((day) => new Date(day)),
      ),
    ).toEqual(await parquetItems(days.map((day) => `'${day}'::DATE`)));
    expect(await itemsOf(new TimestampMicrosecond(), [1500, -0.5])).toEqual(
      await parquetItems(["'1970-01-01 00:00:01.5'::TIMESTAMP", "'1969-12-31 23:59:59.9995'::TIMESTAMP"]),
    );
    expect(await itemsOf(new TimestampMillisecond('UTC'), [1500])).toEqual(
      await parquetItems(["'1970-01-01 00:00:01.5'::TIMESTAMPTZ"]),
    );
    const number = (low: number, high = 0) => Uint32Array.of(low, high, high, high);
    expect(await itemsOf(new Decimal(2, 9, 128), [number(1230), number(2 ** 32 - 5, 2 ** 32 - 1)])).toEqual(
      await parquetItems(['12.30::DECIMAL(9, 2)', '-0.05::DECIMAL(9, 2)']),
    );
  });

  it.each([
    ['seconds', new TimestampSecond(), [start - 940, start + 1060]],
    ['milliseconds', new TimestampMillisecond(), [start, start + 1]],
    ['microseconds', new TimestampMicrosecond('Europe/Paris'), [start, start + 1]],
    ['nanoseconds', new TimestampNanosecond(), [start, start + 1]],
    ['days', new DateDay(), [86_400_000, 172_800_000]],
    ['doubles', new Float64(), [start / 1000, (start + 10) / 1000]],
  ])('reads times in %s', async (unit, type, times) => {
    const table = tableOf([new Utf8(), ['a', 'b']], [type, times]);
    const expected = unit === 'doubles' ? [start, start + 10] : times;
    const { splits } = await plainOf(arrowFile(table));
    expect(splits['train'][0].times).toEqual(expected);
  });

  it('reads files and streams of several batches, in order', async () => {
    for (const { bytes, events } of arrowFiles()) {
      const { splits } = await plainOf(bytes);
      expect(splits['train'].flatMap(({ items }) => items)).toHaveLength(events);
      expect(splits['train'].map(({ id }) => id.replace('s', '')).join('')).toBe('0123456');
    }
    const table = tableOf(
      [new Int32(), Array.from({ length: 5000 }, (_, row) => row)],
      [new Int32(), Array(5000).fill(9)],
    );
    const many = new Table(
      table.schema,
      Array.from({ length: 50 }, (_, part) => table.slice(part * 100, part * 100 + 100).batches).flat(),
    );
    const { splits } = await plainOf(arrowFile(many));
    expect(splits['train'][0].items).toEqual(Array.from({ length: 5000 }, (_, row) => String(row)));
  });

  it.each([
    ['lists', new List(new Field('item', new Int32())), [[1]], 'List<Int32>'],
    ['nothing', new Null(), [null], 'Null'],
  ])('refuses %s as ids', async (_, type, values, name) => {
    expect(await messageFor(arrowFile(tableOf([type, values])))).toBe(
      `prepare: column "ItemId" expected texts, numbers or times, got ${name}, at FILE:1. Choose another column or unnest it.`,
    );
  });

  it('treats nulls and empty texts as bad rows', async () => {
    const bytes = arrowFile(tableOf([new Utf8(), ['a', 'b', null, 'c', '', 'd']]));
    expect(await messageFor(bytes)).toBe(
      'prepare: "ItemId" expected an id, got nothing, at FILE:3. Correct it or skip bad rows ("onBadRow").',
    );
    const { splits } = await plainOf(bytes, { onBadRow: 'skip' });
    expect(splits['train'][0].items).toEqual(['a', 'b', 'c', 'd']);
  });

  it('reports a missing column, and a table without rows', async () => {
    const table = tableOf([new Utf8(), ['a']]);
    expect(await messageFor(arrowFile(table), { timeColumn: 'at' })).toContain(
      'column "at" expected among the columns, got "SessionId", "ItemId", "Time", at FILE:1.',
    );
    expect(await messageFor(tableToIPC(new Table(table.schema, []), 'file'))).toBe(
      'prepare: "input" expected events, got only a header or blank lines, at FILE.',
    );
  });

  it('refuses texts that are not UTF-8', async () => {
    const bytes = arrowFile(tableOf([new Utf8(), ['schön', 'b']]));
    const changed = Buffer.from(bytes.toString('latin1').replace('sch\u00c3', 'sch\u00ff'), 'latin1');
    expect(await messageFor(changed)).toBe(
      'prepare: "input" expected a sound arrow file, got a damaged one (a text is not UTF-8), at FILE.',
    );
  });

  it('reads a stream and a gzip file with --format too', async () => {
    const bytes = tableToIPC(tableOf([new Utf8(), texts]), 'stream');
    const { splits } = await plainOf(bytes, { format: 'arrow' });
    expect(splits['train'][0].items).toEqual(texts);
    expect((await plainOf(gzipSync(bytes))).splits).toEqual(splits);
    expect(await messageFor(Buffer.from('SessionId,ItemId,Time\n'), { format: 'arrow' })).toContain(
      'expected a sound arrow file, got a damaged one (a message does not start where the previous one ends), at FILE.',
    );
  });
});
