import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DataError, readDataset } from '@gru4rec/sessions';
import { describe, expect, it } from 'vitest';
import { type PrepareOptions, prepare } from '../src/index.ts';
import { testFolder } from './folder.ts';

const root = testFolder();
let count = 0;
const fix = 'Correct it or skip bad rows (--on-bad-row skip).';
const header = 'SessionId,ItemId,Time\n';

function written(content: string | Buffer): string {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  const file = join(folder, 'log.csv');
  writeFileSync(file, content);
  return file;
}

/** The error message with FILE for the path; also checks that nothing was left. */
async function messageFor(content: string | Buffer, options: Partial<PrepareOptions> = {}): Promise<string> {
  const file = written(content);
  const error: unknown = await prepare({ inputs: [file], output: join(file, '..', 'out'), ...options }).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  expect(readdirSync(join(file, '..'))).toEqual(['log.csv']);
  const { message } = error as DataError;
  expect(message).not.toContain('\n');
  return message.replaceAll(file, 'FILE');
}

function withWrongChecksum(gzip: Buffer): Buffer {
  const wrong = Buffer.from(gzip);
  wrong[gzip.length - 8] ^= 1;
  return wrong;
}

describe('prepare, bad input', () => {
  it.each([
    ['an empty file', '', 'prepare: "input" expected events, got an empty file, at FILE.'],
    ['only a header', header, 'prepare: "input" expected events, got only a header or blank lines, at FILE.'],
    [
      'a missing column',
      'SessionId,Item,Time\n1,2,3\n',
      'prepare: column "ItemId" expected among the columns, got "SessionId", "Item", "Time", at FILE:1. ' +
        'Name the columns with --session-column or --user-column, --item-column, --time-column, --event-column.',
    ],
    [
      'a missing key',
      '{"session":1,"ItemId":2,"Time":3}\n',
      'prepare: column "SessionId" expected among the columns, got "session", "ItemId", "Time", at FILE:1. ' +
        'Name the columns with --session-column or --user-column, --item-column, --time-column, --event-column.',
    ],
    [
      'only a header or blank lines',
      '\n\n',
      'prepare: column "SessionId", "ItemId", "Time" expected among the columns, got none, at FILE:1. ' +
        'Name the columns with --session-column or --user-column, --item-column, --time-column, --event-column.',
    ],
    [
      'a blank before a name',
      'SessionId,ItemId, Time\n1,2,3\n',
      'prepare: column "Time" expected among the columns, got "SessionId", "ItemId", " Time", at FILE:1. ' +
        'Name the columns with --session-column or --user-column, --item-column, --time-column, --event-column.',
    ],
    [
      'a duplicate column',
      'SessionId,ItemId,Time,ItemId\n1,2,3,4\n',
      'prepare: column "ItemId" expected once in the header, got it twice, at FILE:1. Rename one of them.',
    ],
    [
      'times of unknown format',
      `${header}1,a,31/12/2020\n1,b,31/12/2020\n`,
      `prepare: "Time" expected seconds or milliseconds since 1970, or ISO 8601, got "31/12/2020", at FILE:2. ${fix}`,
    ],
    [
      'an unparsable time',
      `${header}1,a,5\n\n1,b,soon\n`,
      `prepare: "Time" expected seconds since 1970, as most rows have (or give --time-unit), got "soon", at FILE:4. ${fix}`,
    ],
    [
      'a time of another unit',
      `${header}1,a,1396437466940\n1,b,1396437466941\n1,c,1396437467\n`,
      `prepare: "Time" expected milliseconds since 1970, as most rows have (or give --time-unit), got "1396437467", at FILE:4. ${fix}`,
    ],
    [
      'a day that does not exist',
      `${header}1,a,2014-02-28\n1,b,2014-02-30\n`,
      `prepare: "Time" expected an ISO 8601 time, as most rows have (or give --time-unit), got "2014-02-30", at FILE:3. ${fix}`,
    ],
    [
      'no time',
      `${header}1,a,5\n1,b,\n`,
      `prepare: "Time" expected seconds since 1970, as most rows have (or give --time-unit), got nothing, at FILE:3. ${fix}`,
    ],
    [
      'no item id',
      `${header}1,a,5\n1,,6\n`,
      `prepare: "ItemId" expected an id, got nothing, at FILE:3. ${fix}`,
    ],
    [
      'no session id',
      `${header}1,a,5\n"",b,6\n`,
      `prepare: "SessionId" expected an id, got nothing, at FILE:3. ${fix}`,
    ],
    [
      'a short row',
      `${header}"1\n1",a,5\n1,b\n`,
      `prepare: row expected 3 columns in UTF-8, found 2 columns instead of 3, got "1,b", at FILE:4. ${fix}`,
    ],
    [
      'a long row',
      `${header}1,a,5\n1,b,6,7,8\n`,
      `prepare: row expected 3 columns in UTF-8, found 5 columns instead of 3, got "1,b,6,7,8", at FILE:3. ${fix}`,
    ],
    [
      'an unclosed quote',
      `${header}1,a,5\n"1,b,6\n1,c,7\n`,
      `prepare: row expected 3 columns in UTF-8, found a quote that is never closed, got "\\"1,b,6", at FILE:3. ${fix}`,
    ],
    [
      'text after a quote',
      `${header}1,a,5\n"1"x,b,6\n`,
      `prepare: row expected 3 columns in UTF-8, found text after a closing quote, got "\\"1\\"x,b,6", at FILE:3. ${fix}`,
    ],
    [
      'bytes that are not text',
      Buffer.concat([Buffer.from(`${header}1,a,5\n1,`), Buffer.from([0xff]), Buffer.from(',6\n')]),
      `prepare: row expected 3 columns in UTF-8, found bytes that are not UTF-8, got "1,\ufffd,6", at FILE:3. ${fix}`,
    ],
    [
      'a NUL character',
      `${header}${'1,a,5\n'.repeat(200_000)}1,\0,6\n`,
      `prepare: row expected 3 columns in UTF-8, found a NUL character, got "1,\\u0000,6", at FILE:200002. ${fix}`,
    ],
    [
      'a carriage return within a line',
      `${header}1,a,5\r2,b,6\n`,
      `prepare: row expected 3 columns in UTF-8, found a carriage return that ends no line, got "1,a,5\\r2,b,6", at FILE:2. ${fix}`,
    ],
    [
      'lines that end only with carriage returns',
      `${header}1,a,5\n`.replaceAll('\n', '\r'),
      'prepare: header expected column names on one line in UTF-8, got a carriage return that ends no line, at FILE:1. Correct it.',
    ],
    [
      'a header that is not UTF-8',
      Buffer.from('SessionId,ItemId,Time,Gr\xf6\xdfe\n1,a,5,x\n1,b,6,x\n', 'latin1'),
      'prepare: header expected column names on one line in UTF-8, got bytes that are not UTF-8, at FILE:1. Correct it.',
    ],
    [
      'a header of two lines',
      'SessionId,ItemId,Time,"two\nlines"\n1,a,5,x\n',
      'prepare: header expected column names on one line in UTF-8, got a quote that is never closed, at FILE:1. Correct it.',
    ],
    [
      'a header that does not end',
      `SessionId,ItemId,Time,${'x'.repeat(1 << 20)}\n1,a,5,x\n`,
      'prepare: header expected column names on one line in UTF-8, got a line of more than 1 MiB, at FILE:1. Correct it.',
    ],
    [
      'too many columns',
      `SessionId,ItemId,Time${','.repeat(10_000)}\n`,
      'prepare: header expected column names on one line in UTF-8, got 10003 columns (10000 at most), at FILE:1. Correct it.',
    ],
    [
      'too many columns to show',
      `${Array.from({ length: 100 }, (_, column) => `c${column}`).join(',')}\n`,
      `prepare: column "SessionId", "ItemId", "Time" expected among the columns, got ${Array.from({ length: 30 }, (_, column) => `"c${column}"`).join(', ')}, … (100 in all), at FILE:1. ` +
        'Name the columns with --session-column or --user-column, --item-column, --time-column, --event-column.',
    ],
    [
      'a time that is not ISO 8601',
      `${header}1,a,2014-02-28\n1,b,2014-02-28 10:00 Europe/Paris\n`,
      `prepare: "Time" expected an ISO 8601 time, as most rows have (or give --time-unit), got "2014-02-28 10:00 Europe/Paris", at FILE:3. ${fix}`,
    ],
    [
      'a JSON line that strict JSON forbids',
      '{"SessionId":1,"ItemId":2,"Time":3}\n{"SessionId":1,"ItemId":3,"Time":4,}\n',
      `prepare: row expected one JSON object, got "{\\"SessionId\\":1,\\"ItemId\\":3,\\"Time\\":4,}", at FILE:2. ${fix}`,
    ],
    [
      'an invalid JSON number',
      '{"SessionId":1,"ItemId":NaN,"Time":3}\n',
      `prepare: row expected one JSON object, got "{\\"SessionId\\":1,\\"ItemId\\":NaN,\\"Time\\":3}", at FILE:1. ${fix}`,
    ],
    [
      'a duplicate JSON key',
      '{"SessionId":1,"ItemId":2,"ItemId":3,"Time":3}\n',
      `prepare: row expected one JSON object with "ItemId" once, got "{\\"SessionId\\":1,\\"ItemId\\":2,\\"ItemId\\":3,\\"Time\\":3}", at FILE:1. ${fix}`,
    ],
    [
      'half a surrogate pair',
      '{"SessionId":1,"ItemId":"\\ud83d","Time":3}\n',
      `prepare: row expected one JSON object, found half of a surrogate pair, got "{\\"SessionId\\":1,\\"ItemId\\":\\"\\\\ud83d\\",\\"Time\\":3}", at FILE:1. ${fix}`,
    ],
    [
      'a JSON line of no-break spaces',
      '{"SessionId":1,"ItemId":2,"Time":3}\n\u00a0\n',
      `prepare: row expected one JSON object, got "\u00a0", at FILE:2. ${fix}`,
    ],
    [
      'a JSON line that is too long',
      `{"SessionId":1,"ItemId":2,"Time":3}\n{"x":"${'y'.repeat(17 << 20)}"}\n`,
      `prepare: row expected one JSON object, found more than 16 MiB, got "{\\"x\\":\\"${'y'.repeat(94)}…", at FILE:2. ${fix}`,
    ],
    [
      'a broken JSON line',
      '{"SessionId":1,"ItemId":2,"Time":3}\n\n{"SessionId":1,\n',
      `prepare: row expected one JSON object, got "{\\"SessionId\\":1,", at FILE:3. ${fix}`,
    ],
    [
      'a JSON line without a key',
      '{"SessionId":1,"ItemId":2,"Time":3}\n\n{"SessionId":1,"Time":4}\n',
      `prepare: "ItemId" expected an id, got nothing, at FILE:3. ${fix}`,
    ],
    [
      'a JSON object as id',
      '{"SessionId":1,"ItemId":2,"Time":3}\n{"SessionId":1,"ItemId":{"id":3},"Time":4}\n',
      `prepare: "ItemId" expected an id, got nothing, at FILE:2. ${fix}`,
    ],
    [
      'a JSON array',
      '[{"SessionId":1}]',
      'prepare: "input" expected CSV, TSV, JSON Lines (one object a line), Parquet or Arrow, got a JSON array, at FILE.',
    ],
    [
      'a binary file',
      Buffer.from([1, 2, 0, 4]),
      'prepare: "input" expected CSV, TSV, JSON Lines (one object a line), Parquet or Arrow, got binary or UTF-16 content, at FILE.',
    ],
    [
      'an Arrow file that ends at once',
      'ARROW1',
      'prepare: "input" expected a sound arrow file, got a damaged one (it does not end as an Arrow file), at FILE.',
    ],
    [
      'a truncated gzip file',
      gzipSync(`${header}1,a,5\n1,b,6\n`).subarray(0, 30),
      'prepare: "input" expected a whole gzip file, got a damaged one (unexpected end of file), at FILE.',
    ],
    [
      'gzip within gzip',
      gzipSync(gzipSync(`${header}1,a,5\n`)),
      'prepare: "input" expected a file in gzip once, got gzip within gzip, at FILE. Unpack it.',
    ],
    [
      'a gzip file with a wrong checksum',
      withWrongChecksum(gzipSync(`${header}1,a,5\n1,b,6\n`)),
      'prepare: "input" expected a whole gzip file, got a damaged one (incorrect data check), at FILE.',
    ],
    ...[Buffer.alloc(1), Buffer.alloc(100_000), Buffer.concat([Buffer.alloc(3), gzipSync('1,c,7\n')])].map(
      (behind): [string, Buffer, string] => [
        `gzip followed by ${behind.length} bytes, zeros first`,
        Buffer.concat([gzipSync(`${header}1,a,5\n1,b,6\n`), behind]),
        'prepare: "input" expected a whole gzip file, got a damaged one (bytes after its end), at FILE.',
      ],
    ),
    [
      'no session left',
      `${header}1,a,5\n2,b,6\n`,
      '"train" expected at least one session, got none left, at FILE. ' +
        'The last step that removed events: sessions of fewer than 2 events (2).',
    ],
  ])('reports %s', async (_, content, message) => {
    expect(await messageFor(content)).toBe(message);
  });

  it('reports a damaged Parquet file', async () => {
    expect(await messageFor('PAR1 and then nothing')).toMatch(
      /^prepare: "input" expected a sound parquet file, got a damaged one \(Invalid Input Error: .*\), at FILE\.$/,
    );
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

  it('reports that no event has a wanted type', async () => {
    const content = 'SessionId,ItemId,Time,Type\n1,a,5,buy\n1,b,6,buy\n';
    expect(await messageFor(content, { eventColumn: 'Type', eventTypes: ['click'] })).toBe(
      'prepare: "input" expected events to keep, got none among 2 rows, at FILE. Check --event-types and bad rows.',
    );
    expect(await messageFor(`${content}1,c,7,\n`, { eventColumn: 'Type', eventTypes: ['buy'] })).toBe(
      `prepare: "Type" expected an event type, got nothing, at FILE:4. ${fix}`,
    );
  });

  it('reports a session without events', async () => {
    const options = { eventsField: 'events' } as const;
    const line = '{"SessionId":1,"events":[{"ItemId":1,"Time":1},{"ItemId":2,"Time":2}]}\n';
    for (const bad of ['{"SessionId":2,"events":[]}', '{"SessionId":2}', '{"SessionId":2,"events":5}']) {
      expect(await messageFor(`${line}${bad}\n`, options)).toBe(
        `prepare: "ItemId" expected an id, got nothing, at FILE:2. ${fix}`,
      );
    }
    for (const id of ['""', '{"a":1}', '[1]', 'null']) {
      expect(await messageFor(`${line}{"SessionId":${id},"events":[{"ItemId":1,"Time":1}]}\n`, options)).toBe(
        `prepare: "SessionId" expected an id, got nothing, at FILE:2. ${fix}`,
      );
    }
    const twice = '{"SessionId":2,"events":[{"ItemId":1,"Time":1,"ItemId":2}]}';
    expect(await messageFor(`${line}${twice}\n`, options)).toBe(
      `prepare: row expected one JSON object with "ItemId" once, got ${JSON.stringify(twice)}, at FILE:2. ${fix}`,
    );
  });

  it('reports an empty test split', async () => {
    const test = written(`${header}9,unknown,5\n9,unknown,6\n`);
    expect(await messageFor(`${header}1,a,5\n1,b,6\n`, { testInputs: [test] })).toBe(
      `"test" expected at least one session, got none left, at ${test}. ` +
        'The last step that removed events: items unknown to training (2).',
    );
  });

  it('keeps an older dataset on failure', async () => {
    const file = written(`${header}1,a,5\n1,b,6\n`);
    const output = join(file, '..', 'out');
    await prepare({ inputs: [file], output });
    writeFileSync(file, `${header}1,a,never\n`);
    await expect(prepare({ inputs: [file], output, overwrite: true })).rejects.toThrow('"never"');
    expect((await readDataset(output)).itemIds.slice()).toEqual(['a', 'b']);
    await expect(prepare({ inputs: [file], output })).rejects.toThrow('Choose another name or overwrite it');
  });
});

describe('prepare, on bad rows skip', () => {
  it('counts bad rows and lists them with line numbers', async () => {
    const file = written(`${header}1,a,5\r\n1,b\n\n"1,c,7\n1,d,x\ty\n,e,8\n1,f,9\n`);
    const output = join(file, '..', 'out');
    const report = await prepare({ inputs: [file], output, onBadRow: 'skip' });
    expect(report.badRows).toBe(4);
    expect(report.funnel.slice(0, 2)).toEqual([
      { split: 'all', step: 'rows read', events: 6, sessions: 1, items: 4, removedEvents: 0 },
      { split: 'all', step: 'bad rows', events: 2, sessions: 1, items: 2, removedEvents: 4 },
    ]);
    const lines = readFileSync(join(output, 'bad-rows.tsv'), 'utf8').replaceAll(file, 'FILE').split('\n');
    expect(lines).toEqual([
      'file\trow\tcolumn\tvalue\texpected',
      'FILE\t3\t\t1,b\t3 columns in UTF-8, found 2 columns instead of 3',
      'FILE\t5\t\t"1,c,7\t3 columns in UTF-8, found a quote that is never closed',
      'FILE\t6\tTime\tx\\ty\tseconds since 1970, as most rows have (or give --time-unit)',
      'FILE\t7\tSessionId\t\tan id',
      '',
    ]);
    expect((await readDataset(output)).itemIds.slice()).toEqual(['a', 'f']);
  });

  it('skips bad JSON lines', async () => {
    const file = written(
      '{"SessionId":1,"ItemId":"a","Time":1}\nnull\n{"SessionId"\n{"SessionId":1,"ItemId":"b","Time":2}\n',
    );
    const output = join(file, '..', 'out');
    expect((await prepare({ inputs: [file], output, onBadRow: 'skip' })).badRows).toBe(2);
    expect((await readDataset(output)).itemIds.slice()).toEqual(['a', 'b']);
  });

  it('gives the line number of a bad row late in a large file', async () => {
    const rows = Array.from({ length: 300_000 }, (_, row) => `${row >> 1},i${row % 100},${row}\n`);
    rows[250_000] = 'short\n';
    rows[260_000] = '1,,5\n';
    const file = written(header + rows.join(''));
    const output = join(file, '..', 'out');
    await expect(prepare({ inputs: [file], output })).rejects.toMatchObject({ file, row: 250_002 });
    const report = await prepare({ inputs: [file], output, onBadRow: 'skip', minSessionLength: 1 });
    expect(report.badRows).toBe(2);
    expect(report.manifest.counts.splits.train?.events).toBe(300_000 - 2);
    const listed = readFileSync(join(output, 'bad-rows.tsv'), 'utf8').split('\n').slice(1, 3);
    expect(listed.map((line) => line.split('\t')[1])).toEqual(['250002', '260002']);
  });
});
