import { describe, expect, it } from 'vitest';
import { fix, header, useLogs } from './logs.ts';

const { messageFor } = useLogs();

describe('prepare, bad input', () => {
  it.each([
    [
      'a missing column',
      'SessionId,Item,Time\n1,2,3\n',
      'prepare: column "ItemId" expected among the columns, got "SessionId", "Item", "Time", at FILE:1. ' +
        'Name those of session or user, item, time and type ("itemColumn").',
    ],
    [
      'only blank lines',
      '\n\n',
      'prepare: "input" expected events, got only a header or blank lines, at FILE.',
    ],
    [
      'a blank before a name',
      'SessionId,ItemId, Time\n1,2,3\n',
      'prepare: column "Time" expected among the columns, got "SessionId", "ItemId", " Time", at FILE:1. ' +
        'Name those of session or user, item, time and type ("itemColumn").',
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
      `prepare: "Time" expected seconds since 1970, as most rows have, got "soon", at FILE:4. ${fix}`,
    ],
    [
      'a time of another unit',
      `${header}1,a,1396437466940\n1,b,1396437466941\n1,c,1396437467\n`,
      `prepare: "Time" expected milliseconds since 1970, as most rows have, got "1396437467", at FILE:4. ${fix}`,
    ],
    [
      'a day that does not exist',
      `${header}1,a,2014-02-28\n1,b,2014-02-30\n`,
      `prepare: "Time" expected an ISO 8601 time, as most rows have, got "2014-02-30", at FILE:3. ${fix}`,
    ],
    [
      'no time',
      `${header}1,a,5\n1,b,\n`,
      `prepare: "Time" expected seconds since 1970, as most rows have, got nothing, at FILE:3. ${fix}`,
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
      `prepare: column "SessionId", "ItemId", "Time" expected among the columns, got ${Array.from({ length: 20 }, (_, column) => `"c${column}"`).join(', ')}, and 80 more, at FILE:1. ` +
        'Name those of session or user, item, time and type ("itemColumn").',
    ],
    [
      'a time that is not ISO 8601',
      `${header}1,a,2014-02-28\n1,b,2014-02-28 10:00 Europe/Paris\n`,
      `prepare: "Time" expected an ISO 8601 time, as most rows have, got "2014-02-28 10:00 Europe/Paris", at FILE:3. ${fix}`,
    ],
  ])('reports %s', async (_, content, message) => {
    expect(await messageFor(content)).toBe(message);
  });

  it('reports that no event has a wanted type', async () => {
    const content = 'SessionId,ItemId,Time,Type\n1,a,5,buy\n1,b,6,buy\n';
    expect(await messageFor(content, { eventColumn: 'Type', eventTypes: ['click'] })).toBe(
      'prepare: "input" expected events to keep, got none among 2 rows, at FILE. Check event types and bad rows.',
    );
    expect(await messageFor(`${content}1,c,7,\n`, { eventColumn: 'Type', eventTypes: ['buy'] })).toBe(
      `prepare: "Type" expected an event type, got nothing, at FILE:4. ${fix}`,
    );
  });
});
