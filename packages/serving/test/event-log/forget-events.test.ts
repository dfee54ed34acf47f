import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deletionLine } from '../../src/event-log/log-lines.ts';
import { EventLog, forgetEvents } from '../../src/index.ts';
import { testFolder } from '../tiny-server.ts';

const blank = (text: string) => `${' '.repeat(Buffer.byteLength(text) - 1)}\n`;
const line = (session: string, item: string) => `${JSON.stringify({ SessionId: session, ItemId: item })}\n`;

describe('forgetEvents', () => {
  it('blanks the lines of sessions in plain and compressed files, and keeps all other bytes in place', async () => {
    const directory = testFolder();
    const path = (name: string) => join(directory, name);
    const odd = ' {"SessionId" : "ann\u2028"}\r\n\n';
    const torn = '{"SessionId":"bob","It';
    const deleted = deletionLine('bob', 0);
    writeFileSync(path('2026-05-01.jsonl'), `${line('bob', '1')}${odd}${deleted}${line('ann', '2')}${torn}`);
    chmodSync(path('2026-05-01.jsonl'), 0o640);
    writeFileSync(path('2026-05-02.jsonl'), line('cy', 'bob'));
    writeFileSync(path('2026-04-30.jsonl.gz'), gzipSync(`${line('al', '3')}${line('cy', '4')}`));
    writeFileSync(path('notes.txt'), 'bob');
    const untouched = statSync(path('2026-05-02.jsonl'));
    expect(await forgetEvents(directory, new Set(['bob', 'al', 'nobody']))).toEqual({
      removed: new Map([
        ['2026-04-30.jsonl.gz', 1],
        ['2026-05-01.jsonl', 1],
      ]),
      found: new Set(['bob', 'al']),
      unreadable: new Map([['2026-05-01.jsonl', 1]]),
      others: ['notes.txt'],
    });
    const left = `${blank(line('bob', '1'))}${odd}${deleted}${line('ann', '2')}${torn}`;
    expect(readFileSync(path('2026-05-01.jsonl'), 'utf8')).toBe(left);
    expect(statSync(path('2026-05-01.jsonl')).mode & 0o777).toBe(0o640);
    expect(gunzipSync(readFileSync(path('2026-04-30.jsonl.gz'))).toString()).toBe(
      `${blank(line('al', '3'))}${line('cy', '4')}`,
    );
    expect(statSync(path('2026-05-02.jsonl'))).toMatchObject({ ino: untouched.ino, size: untouched.size });
    expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([]);
    expect((await forgetEvents(directory, new Set(['bob']))).removed).toEqual(new Map());
  });

  it('goes on behind a line of 5 MiB, which it counts and keeps, and blanks one of 3 MiB', async () => {
    const directory = testFolder();
    const bob = line('bob', 'y'.repeat(3 << 20));
    const long = Buffer.alloc(5 << 20, 'x');
    const rest = (last: string) => Buffer.concat([long, Buffer.from(`\n${line('ann', '1')}${last}`)]);
    writeFileSync(join(directory, '2026-05-01.jsonl'), rest(bob));
    writeFileSync(join(directory, '2026-05-02.jsonl.gz'), gzipSync(rest(bob), { level: 1 }));
    const { unreadable, removed } = await forgetEvents(directory, new Set(['bob']));
    const both = ['2026-05-01.jsonl', '2026-05-02.jsonl.gz'].map((name) => [name, 1]);
    expect([[...unreadable], [...removed]]).toEqual([both, both]);
    const left = readFileSync(join(directory, '2026-05-01.jsonl'));
    expect(left.equals(rest(blank(bob)))).toBe(true);
  });

  it('refuses a log that a server writes, a missing folder and a damaged file, and changes nothing', async () => {
    const directory = testFolder();
    const log = await EventLog.open(directory);
    onTestFinished(() => log.close());
    await expect(forgetEvents(directory, new Set(['bob']))).rejects.toThrow(
      expect.objectContaining({
        message: `The event log ${directory} cannot be changed`,
        cause: expect.objectContaining({
          message: expect.stringMatching(/is being written by process \d+ \(serve,/),
        }),
      }),
    );
    const missing = join(directory, 'missing');
    await expect(forgetEvents(missing, new Set(['bob']))).rejects.toThrow(`${missing} cannot be read`);
    const damaged = testFolder();
    const file = join(damaged, '2026-05-01.jsonl.gz');
    const bytes = gzipSync(line('bob', '1')).subarray(0, -4);
    writeFileSync(file, bytes);
    await expect(forgetEvents(damaged, new Set(['bob']))).rejects.toThrow(`${file} cannot be read`);
    expect(readFileSync(file)).toEqual(bytes);
  });
});
