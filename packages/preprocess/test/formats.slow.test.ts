import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Table, TimestampMillisecond, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { prepare } from '../src/index.ts';
import { writeParquet } from './fuzz/parquet-files.ts';
import { useLogs } from './logs.ts';
import type { PlainDataset } from './oracle.ts';
import { readPlain } from './plain.ts';

const { root: folder, written, prepared } = useLogs();

/** Ids that parsing as float, trimming or unquoting would change. */
const rows: readonly (readonly [session: string, item: string, ms: number])[] = [
  ['9007199254740993', '214716935', 1396437466940],
  ['9007199254740993', '00012', 1396438212318],
  ['s, "quoted"', 'Łódź 👟', 1396438212318],
  ['9007199254740992', '12345678901234567890123456789', 1396438212319],
  ['s, "quoted"', '214716935', 1396438300000],
  ['9007199254740992', '00012', 1396439000001],
];

const expected: PlainDataset = {
  items: [
    { id: '214716935', support: 2 },
    { id: '00012', support: 2 },
    { id: 'Łódź 👟', support: 1 },
    { id: '12345678901234567890123456789', support: 1 },
  ],
  splits: {
    train: [
      { id: '9007199254740993', items: ['214716935', '00012'], times: [1396437466940, 1396438212318] },
      { id: 's, "quoted"', items: ['Łódź 👟', '214716935'], times: [1396438212318, 1396438300000] },
      {
        id: '9007199254740992',
        items: ['12345678901234567890123456789', '00012'],
        times: [1396438212319, 1396439000001],
      },
    ],
  },
};

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const seconds = (ms: number) => `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`;
const iso = (ms: number) => new Date(ms).toISOString();

function delimited(by: string, end: string, time: (ms: number) => string): string {
  const lines = rows.map(([session, item, ms]) => [quoted(session), quoted(item), 'x', time(ms)].join(by));
  return [['SessionId', 'ItemId', 'Other', 'Time'].join(by), ...lines, ''].join(end);
}

function jsonLines(value: (ms: number) => string): string {
  const id = (text: string) => (/^[1-9]\d*$/.test(text) ? text : JSON.stringify(text));
  return rows
    .map(([session, item, ms]) => `{"ItemId":${id(item)},"SessionId":${id(session)},"Time":${value(ms)}}\n`)
    .join('');
}

async function parquet(select: string): Promise<Buffer> {
  const values = rows.map(([session, item, ms]) => `('${session}', '${item}', ${ms})`).join(', ');
  return writeParquet(`SELECT ${select} FROM (VALUES ${values}) t(s, i, ms)`);
}

describe('prepare, formats', () => {
  it.each([
    ['CSV, seconds', delimited(',', '\n', seconds)],
    ['CSV with CRLF, milliseconds', delimited(',', '\r\n', String)],
    ['CSV with semicolons, ISO', delimited(';', '\n', iso)],
    ['CSV with a byte order mark', `\ufeff${delimited(',', '\n', seconds)}`],
    ['CSV with mixed line ends', delimited(',', '\n', seconds).replace('\n', '\r\n')],
    ['CSV without a last line end', delimited(',', '\n', seconds).trimEnd()],
    ['CSV with blank lines', delimited(',', '\n\n', seconds)],
    ['TSV, ISO without a zone', delimited('\t', '\n', (ms) => iso(ms).slice(0, -1).replace('T', ' '))],
    ['TSV, ISO with a zone', delimited('\t', '\n', (ms) => iso(ms + 7_200_000).replace('Z', '+02:00'))],
    ['JSON Lines, milliseconds', jsonLines(String)],
    ['JSON Lines, ISO', jsonLines((ms) => `"${iso(ms)}"`)],
    [
      'JSON Lines with CRLF, blank lines and a byte order mark',
      `\ufeff${jsonLines(String).replaceAll('\n', '\r\n \r\n')}`,
    ],
  ])('reads %s', async (_, content) => {
    expect(await prepared(content)).toEqual(expected);
  });

  it('treats times without a zone as UTC in any time zone', async () => {
    vi.stubEnv('TZ', 'Asia/Tokyo');
    onTestFinished(() => void vi.unstubAllEnvs());
    const time = (ms: number) => iso(ms).slice(0, -1);
    expect(await prepared(delimited('\t', '\n', time))).toEqual(expected);
    const select = 's AS "SessionId", i AS "ItemId", make_timestamp(ms * 1000) AS "Time"';
    expect(await prepared(await parquet(select))).toEqual(expected);
  });

  it('recognises gzip by its content', async () => {
    expect(await prepared(gzipSync(delimited(',', '\n', seconds)))).toEqual(expected);
    expect(await prepared(gzipSync(jsonLines(String)))).toEqual(expected);
  });

  it.each([
    ['texts and milliseconds', 's AS "SessionId", i AS "ItemId", ms AS "Time"'],
    ['doubles of seconds', 's AS "SessionId", i AS "ItemId", ms / 1000.0 AS "Time"'],
    ['timestamps', 's AS "SessionId", i AS "ItemId", make_timestamp(ms * 1000) AS "Time"'],
    ['timestamps with zone', 's AS "SessionId", i AS "ItemId", to_timestamp(ms / 1000.0) AS "Time"'],
    [
      'timestamps in nanoseconds',
      's AS "SessionId", i AS "ItemId", CAST(make_timestamp(ms * 1000) AS TIMESTAMP_NS) AS "Time"',
    ],
    ['blobs as ids', 'encode(s) AS "SessionId", encode(i) AS "ItemId", ms AS "Time"'],
  ])('reads Parquet with %s', async (_, select) => {
    expect(await prepared(await parquet(select))).toEqual(expected);
  });

  it('reads JSON Lines with one session per line', async () => {
    const sessions = expected.splits['train'].map(({ id, items, times }) => {
      const events = items.map(
        (item, index) => `{"aid":${JSON.stringify(item)},"ts":${times[index]},"type":"clicks"}`,
      );
      return `{"session":${JSON.stringify(id)},"events":[${events.join(',')},{"aid":5,"ts":${times[1]},"type":"carts"}]}\n`;
    });
    const columns = { sessionColumn: 'session', itemColumn: 'aid', timeColumn: 'ts', eventsField: 'events' };
    const options = { ...columns, eventColumn: 'type', eventTypes: ['clicks', 'buys'] };
    expect(await prepared(sessions.join(''), options)).toEqual(expected);
  });

  it.each([
    ['s', '1,c,1700000003\n2,d,1700000004.5\n2,e,1700000005\n3,f,1700000006\n'],
    ['ms', '1,c,1700000003000\n2,d,1700000004500\n2,e,1700000005000\n3,f,1700000006000\n'],
  ] as const)('reads timestamps by their type together with numbers in %s', async (unit, log) => {
    const table = new Table({
      SessionId: vectorFromArray(['1', '3'], new Utf8()),
      ItemId: vectorFromArray(['g', 'h'], new Utf8()),
      Time: vectorFromArray([1_700_000_007_000, 1_700_000_008_000], new TimestampMillisecond()),
    });
    const [csv, arrow] = [written(`SessionId,ItemId,Time\n${log}`), written(tableToIPC(table, 'file'))];
    const seconds = (at: number) => `make_timestamp(${1_700_000_000 + at}::BIGINT * 1000000)`;
    const bytes = await writeParquet(
      `FROM (VALUES ('1', 'a', ${seconds(1)}), ('2', 'b', ${seconds(2)})) t("SessionId", "ItemId", "Time")`,
    );
    const output = join(folder, unit);
    const { timeUnit } = await prepare({ inputs: [written(bytes), csv, arrow], output });
    expect(timeUnit).toBe(unit);
    const { train } = (await readPlain(output)).splits;
    const at = (...times: number[]) => times.map((time) => 1_700_000_000_000 + time);
    expect(train.map(({ id, items, times }) => [id, items, times])).toEqual([
      ['1', ['a', 'c', 'g'], at(1000, 3000, 7000)],
      ['2', ['b', 'd', 'e'], at(2000, 4500, 5000)],
      ['3', ['f', 'h'], at(6000, 8000)],
    ]);
  });
});

describe('prepare, times', () => {
  it('detects microseconds, and numbers of another size beside them are bad', async () => {
    const log = 'SessionId,ItemId,Time\n1,a,1700000000000499\n1,b,1.7000000000005e15\n';
    const times = [1_700_000_000_000, 1_700_000_000_001];
    expect((await prepared(log)).splits['train'][0].times).toEqual(times);
    expect((await prepared(`${log}1,c,1700000001\n`, { onBadRow: 'skip' })).splits['train'][0].times).toEqual(
      times,
    );
  });
});

describe('prepare, output bytes', () => {
  it('are the same on every run and with any threads and memory', async () => {
    const file = join(folder, 'log.tsv');
    const log = Array.from({ length: 200_000 }, (_, row) => {
      const [session, item] = [(row * 7919) % 40_009, (row * row) % 997];
      return `${session}\t${item}\t${1_396_437_466 + ((row * 31) % 5000) / 10}\n`;
    });
    writeFileSync(file, `SessionId\tItemId\tTime\n${log.join('')}`);
    const runs = [{ threads: 1 }, { threads: 4 }, { threads: 2, memoryLimit: '200MB' }];
    const bytes: unknown[] = [];
    for (const [run, options] of runs.entries()) {
      const output = join(folder, `run-${run}`);
      await prepare({ inputs: [file], output, testDays: 0.001, minItemSupport: 3, ...options });
      bytes.push(readdirSync(output).map((name) => readFileSync(join(output, name)).toString('base64')));
    }
    for (const other of bytes.slice(1)) expect(other).toEqual(bytes[0]);
  });
});
