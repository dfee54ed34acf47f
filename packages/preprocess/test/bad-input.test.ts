import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { prepare } from '../src/index.ts';
import { fix, header, useLogs } from './logs.ts';

const { root, written, messageFor } = useLogs();
const columns = 'Name those of session or user, item, time and type ("itemColumn").';
const noEvents = 'prepare: "input" expected events, got only a header or blank lines, at FILE.';
const likeMost = ', as most rows have';
const seconds = `seconds since 1970${likeMost}`;
const iso = `an ISO 8601 time${likeMost}`;

describe('prepare, bad CSV', () => {
  it.each<[string, string | Buffer, string]>([
    [
      'another encoding',
      Buffer.from('SessionId,ItemId,Time,Gr\xf6\xdfe\n', 'latin1'),
      'bytes that are not UTF-8',
    ],
    ['no end', `SessionId,ItemId,Time,${'x'.repeat(1 << 20)}\n1,a,5,x\n`, 'a line of more than 1 MiB'],
    ['too many columns', `SessionId,ItemId,Time${','.repeat(10_000)}\n`, '10003 columns (10000 at most)'],
  ])('reports a header of %s', async (_, content, got) => {
    expect(await messageFor(content)).toBe(
      `prepare: header expected column names on one line in UTF-8, got ${got}, at FILE:1. Correct it.`,
    );
  });

  it('reports missing and duplicate columns', async () => {
    expect(await messageFor('SessionId,ItemId, Time\n1,2,3\n')).toBe(
      `prepare: column "Time" expected among the columns, got "SessionId", "ItemId", " Time", at FILE:1. ${columns}`,
    );
    expect(await messageFor('SessionId,ItemId,Time,ItemId\n1,2,3,4\n')).toBe(
      'prepare: column "ItemId" expected once in the header, got it twice, at FILE:1. Rename one of them.',
    );
  });

  it.each<[string, string, string, string, number]>([
    [
      '1,a,31/12/2020\n',
      'Time',
      'seconds, milliseconds or microseconds since 1970, or ISO 8601',
      '"31/12/2020"',
      2,
    ],
    ['1,a,5\n\n1,b,soon\n', 'Time', seconds, '"soon"', 4],
    [
      '1,a,1396437466940\n1,b,1396437466941\n1,c,1396437467\n',
      'Time',
      `milliseconds since 1970${likeMost}`,
      '"1396437467"',
      4,
    ],
    ['1,a,2014-02-28\n1,b,2014-02-30\n', 'Time', iso, '"2014-02-30"', 3],
    ['1,a,5\n1,b,\n', 'Time', seconds, 'nothing', 3],
    ['1,a,5\n"",b,6\n', 'SessionId', 'an id', 'nothing', 3],
  ])('reports the bad value of %j', async (rows, column, expected, got, line) => {
    expect(await messageFor(`${header}${rows}`)).toBe(
      `prepare: "${column}" expected ${expected}, got ${got}, at FILE:${line}. ${fix}`,
    );
  });

  it('reports the first row that cannot be read, and lists all of them where they are skipped', async () => {
    const rows: [content: string, expected: string, column?: string, value?: string][] = [
      ['1,b', '3 columns in UTF-8, found 2 columns instead of 3'],
      ['"1"x,b,6', '3 columns in UTF-8, found text after a closing quote'],
      ['1,\xff,6', '3 columns in UTF-8, found bytes that are not UTF-8', '', '1,\ufffd,6'],
      ['1,a,5\r2,b,6', '3 columns in UTF-8, found a carriage return that ends no line', '', '1,a,5\\r2,b,6'],
      ['1,d,x\ty', seconds, 'Time', 'x\\ty'],
      [',e,8', 'an id', 'SessionId', ''],
      ['"1,b,6', '3 columns in UTF-8, found a quote that is never closed'],
    ];
    const text = `${header}"1\n1",a,5\r\n"1\n1",a,6\n\n${rows.map(([row]) => `${row}\n`).join('')}`;
    const bytes = Buffer.from(text, 'latin1');
    expect(await messageFor(bytes)).toBe(
      `prepare: row expected ${rows[0]?.[1]}, got "1,b", at FILE:7. ${fix}`,
    );
    const file = written(bytes);
    const output = join(file, '..', 'out');
    const report = await prepare({ inputs: [file], output, onBadRow: 'skip' });
    expect(report.badRows).toBe(7);
    expect(report.funnel.slice(0, 2)).toEqual([
      { split: 'all', step: 'rows read', events: 9, sessions: 2, items: 3, removedEvents: 0 },
      { split: 'all', step: 'bad rows', events: 2, sessions: 1, items: 1, removedEvents: 7 },
    ]);
    expect(readFileSync(join(output, 'bad-rows.tsv'), 'utf8').replaceAll(file, 'FILE').split('\n')).toEqual([
      'file\trow\tcolumn\tvalue\texpected',
      ...rows.map(
        ([row, expected, column = '', value = row], at) =>
          `FILE\t${7 + at}\t${column}\t${value}\t${expected}`,
      ),
      '',
    ]);
  });

  it('reports that no event has a wanted type', async () => {
    const content = 'SessionId,ItemId,Time,Type\n1,a,5,buy\n1,b,6,buy\n';
    expect(await messageFor(content, { eventColumn: 'Type', eventTypes: ['click'] })).toBe(
      'prepare: "input" expected events to keep, got none among 2 rows, at FILE. No event is of type "click"; the types of the log are "buy".',
    );
    expect(await messageFor(`${content}1,c,7,\n`, { eventColumn: 'Type', eventTypes: ['buy'] })).toBe(
      `prepare: "Type" expected an event type, got nothing, at FILE:4. ${fix}`,
    );
  });
});

describe('prepare, bad JSON Lines', () => {
  const sound = '{"SessionId":1,"ItemId":2,"Time":3}';
  const click = (time: number) => `{"SessionId":1,"ItemId":"a","Time":${1_700_000_000 + time}}\n`;
  const half = '{"SessionId":1,"ItemId":"\\ud83d","Time":3}';

  it.each([
    ['a comma that strict JSON forbids', '{"SessionId":1,"ItemId":3,"Time":4,}', ''],
    ['an invalid number', '{"SessionId":1,"ItemId":NaN,"Time":3}', ''],
    ['half a surrogate pair', half, ', found half of a surrogate pair'],
    ['no-break spaces', '\u00a0', ''],
  ])('reports a line of %s', async (_, line, more) => {
    expect(await messageFor(`${sound}\n\n${line}\n`)).toBe(
      `prepare: row expected one JSON object${more}, got ${JSON.stringify(line)}, at FILE:3. ${fix}`,
    );
  });

  it('reports a missing key, in all lines and in one, and an object as id', async () => {
    expect(await messageFor('{"session":1,"ItemId":2,"Time":3}\n')).toBe(
      `prepare: column "SessionId" expected among the columns, got "session", "ItemId", "Time", at FILE:1. ${columns}`,
    );
    for (const line of ['{"SessionId":1,"Time":4}', '{"SessionId":1,"ItemId":{"id":3},"Time":4}']) {
      expect(await messageFor(`${sound}\n\n${line}\n`)).toBe(
        `prepare: "ItemId" expected an id, got nothing, at FILE:3. ${fix}`,
      );
    }
  });

  it('reads a log whose first MiB is blank, as forget leaves it, and one that is blank throughout', async () => {
    const blank = `${' '.repeat(200)}\n`.repeat(6000);
    const inputs = [written(`${blank}${click(0)}${blank}${click(1)}`), written(blank)];
    const { manifest } = await prepare({ inputs, output: join(root, 'data') });
    expect(manifest.counts.splits.train).toEqual({ sessions: 1, events: 2 });
    expect(await messageFor(blank)).toBe(noEvents);
  });

  it('skips deletions, of which a file may have nothing else, and counts them as lines', async () => {
    const deletion = `${JSON.stringify({ Deleted: 'a0'.repeat(32), Time: '2026-05-01T12:00:00.000Z' })}\n`;
    const bad = '{"SessionId":1,"ItemId":"a"}\n';
    const logs = [`${deletion}${click(0)}${deletion}${click(1)}`, deletion];
    const broken = `${click(2)}${deletion}{"SessionId"\n${bad}${click(3)}`;
    const inputs = [...logs, broken].map(written);
    const { manifest, badRows } = await prepare({ inputs, output: join(root, 'kept'), onBadRow: 'skip' });
    expect([manifest.counts.splits.train, badRows]).toEqual([{ sessions: 1, events: 4 }, 2]);
    expect(await messageFor(`${click(0)}${deletion}\n${bad}`)).toContain('got nothing, at FILE:4.');
    expect(await messageFor(`${click(0)}{"Deleted":"x","Time":""}\n`)).toContain(
      '"SessionId" expected an id',
    );
  });

  it('lists lines without a session or events', async () => {
    const events = '"events":[{"ItemId":1,"Time":1},{"ItemId":2,"Time":2}]';
    const lists = ['"events":[]', '"more":1', '"events":5'].map((list) => `{"SessionId":2,${list}}\n`);
    const ids = ['""', '{"a":1}', '[1]', 'null'].map(
      (id) => `{"SessionId":${id},"events":[{"ItemId":1,"Time":1}]}\n`,
    );
    const file = written([`{"SessionId":1,${events}}\n`, ...lists, ...ids].join(''));
    const output = join(file, '..', 'out');
    await prepare({ inputs: [file], output, eventsField: 'events', onBadRow: 'skip' });
    const rows = readFileSync(join(output, 'bad-rows.tsv'), 'utf8').split('\n').slice(1, -1);
    expect(rows.map((row) => row.split('\t').slice(1).join(' '))).toEqual([
      ...[2, 3, 4].map((line) => `${line} ItemId  an id`),
      ...[5, 6, 7, 8].map((line) => `${line} SessionId  an id`),
    ]);
  });
});

describe('prepare, bad files', () => {
  const packed = gzipSync(`${header}1,a,5\n1,b,6\n`);
  it.each<[string, string | Buffer, string]>([
    ['an empty file', '', 'events, got an empty file'],
    [
      'a JSON array',
      '[{"SessionId":1}]',
      'CSV, TSV, JSON Lines (one object a line), Parquet or Arrow, got a JSON array',
    ],
    ['a binary file', Buffer.from([1, 2, 0, 4]), 'Parquet or Arrow, got binary or UTF-16 content'],
    ['an Arrow file that ends at once', 'ARROW1', 'got a damaged one (it does not end as an Arrow file)'],
    [
      'a truncated gzip file',
      packed.subarray(0, 30),
      'a whole gzip file, got a damaged one (unexpected end of file)',
    ],
    ...[Buffer.alloc(1), Buffer.alloc(100_000)].map((behind): [string, Buffer, string] => [
      `gzip followed by ${behind.length} zeros`,
      Buffer.concat([packed, behind]),
      'a whole gzip file, got a damaged one (bytes after its end)',
    ]),
    [
      'a damaged Parquet file',
      'PAR1 and then nothing',
      'a sound parquet file, got a damaged one (Invalid Input Error: ',
    ],
  ])('reports %s', async (_, content, message) => {
    const found = await messageFor(content);
    expect(found).toMatch(/^prepare: "input" expected [^\n]*, at FILE\.$/);
    expect(found).toContain(message);
  });

  it('reports a missing file and a device before it reads any file', async () => {
    const missing = join(root, 'missing.csv');
    const inputs = [written('broken'), missing];
    const output = join(root, 'never');
    await expect(prepare({ inputs, output })).rejects.toThrow(
      `prepare: "input" expected a file, got nothing, at ${missing}.`,
    );
    await expect(prepare({ inputs: ['/dev/null'], output })).rejects.toThrow(
      'prepare: "input" expected a file, got a device, at /dev/null.',
    );
    expect(readdirSync(root)).not.toContain('never');
  });

  it('reports which step left no session, and of which split', async () => {
    const none = (split: string, file: string, step: string) =>
      `"${split}" expected at least one session, got none left, at ${file}. The last step that removed events: ${step}`;
    expect(await messageFor(`${header}1,a,5\n2,b,6\n`)).toBe(
      none('train', 'FILE', 'sessions of fewer than 2 events (2).'),
    );
    expect(await messageFor(`${header}1,a,5\n1,b,6\n1,c,7\n`, { testDays: 1 })).toBe(
      none('train', 'FILE', 'split by time (3). Hold out fewer sessions.'),
    );
    const test = written(`${header}9,unknown,5\n9,unknown,6\n`);
    expect(await messageFor(`${header}1,a,5\n1,b,6\n`, { testInputs: [test] })).toBe(
      none('test', test, 'items unknown to training (2).'),
    );
  });
});
