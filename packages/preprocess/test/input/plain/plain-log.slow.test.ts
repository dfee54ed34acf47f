import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/sessions';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type PrepareOptions, prepare } from '../../../src/index.ts';
import { openInput } from '../../../src/input/input-file.ts';
import { PlainLog } from '../../../src/input/plain/plain-log.ts';
import { checkPrepare } from '../../../src/options.ts';
import { testFolder } from '../../folder.ts';
import { writeParquet } from '../../fuzz/parquet-files.ts';

const folder = testFolder();
const header = 'SessionId,ItemId,Time';

function write(name: string, text: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** Reads one file. @returns its rows as texts, or whether it is plain if it is not. */
async function read(
  text: string,
  options: Partial<PrepareOptions> = {},
): Promise<string[] | false | undefined> {
  const file = write('log', text);
  const checked = checkPrepare({ inputs: [file], output: join(folder, 'out'), ...options });
  const log = await PlainLog.open(checked, async () => true);
  if (log === undefined) return undefined;
  if (!(await log.add(await openInput(file, folder, checked)))) return false;
  const loader = log.loaded;
  return Array.from(loader?.columns.times ?? [], (time, event) => {
    const [session, item] = [loader?.columns.sessions[event] ?? -1, loader?.columns.items[event] ?? -1];
    return `${loader?.sessions.text(session)} ${loader?.items.text(item)} ${time}`;
  });
}

const line = (session: string, item = '2', time = '3') => `${header}\n${session},${item},${time}\n`;
const json = (members: string) => `{${members}}\n`;

describe('PlainLog', () => {
  it('reads integers of delimited text', async () => {
    expect(await read(`${header}\n1,2,3\n0,999999999999999,3\n4294967296,7,99999999999`)).toEqual([
      '1 2 3000',
      '0 999999999999999 3000',
      '4294967296 7 99999999999000',
    ]);
    expect(await read('Time\tother\tItemId\tSessionId\r\n5\ta ü? no\t6\t7\r\n'.replace('ü', 'u'))).toEqual([
      '7 6 5000',
    ]);
    expect(await read(`\ufeff${header}\n1,2,3\n`)).toEqual(['1 2 3000']);
  });

  it('reads integers of JSON Lines, as numbers and as strings', async () => {
    const plain = '"SessionId":"12", "other":"a, }" ,"ItemId": 3,"Time":"4","n":0';
    expect(await read(json(plain))).toEqual(['12 3 4000']);
    expect(await read(json(plain) + json(plain).trimEnd())).toEqual(['12 3 4000', '12 3 4000']);
  });

  it.each([
    ...['', ' 1', '1 ', '01', '-1', '+1', '1.0', '1e3', 'a', '"1"', '1000000000000000', '٣'].map((id) =>
      line(id),
    ),
    ...['', '-3', '1e9', '2026-01-01', '03', '100000000000000'].map((time) => line('1', '2', time)),
    `${header}\n\n1,2,3\n`,
    `${header}\n1,2,3,\n`,
    `${header}\n1,2\n`,
    `${header}\n1,2,3\r4,5,6\n`,
    `${header}\n1,2,3\n1,2,2\n`,
    `${header}\n1,2,3\n1,2,100000000000\n`,
    `${header},other\n1,2,3,é\n`,
    `${header},other\n1,2,3,"a"\n`,
    json('"SessionId":1,"ItemId":2'),
    json('"SessionId":1,"ItemId":2,"Time":3,"Time":3'),
    json('"SessionId":1,"ItemId":2,"Time":3,'),
    json('"SessionId":1,"ItemId":2,"Time":3.5'),
    json('"SessionId":1,"ItemId":[2],"Time":3'),
    json('"SessionId":1,"ItemId":2,"Time":3,"a":nul'),
    json('"SessionId":1,"ItemId":2,"Time":3,"a":"\\x"'),
    json('"SessionId":1,"Item\\u0049d":2,"ItemId":2,"Time":3'),
    `${json('"SessionId":1,"ItemId":2,"Time":3')}\n`,
    `${json('"SessionId":1,"ItemId":2,"Time":3').trimEnd()} \n`,
  ])('leaves %j to the careful reader', async (text) => {
    expect(await read(text)).toBe(false);
  });

  it('leaves to it what options make more than integers', async () => {
    const text = line('1');
    expect(await read(text, { userColumn: 'SessionId' })).toBeUndefined();
    expect(await read(text, { testInputs: ['other'] })).toBeUndefined();
    expect(await read(text, { eventColumn: 'event', eventTypes: ['click'] })).toBeUndefined();
    expect(await read(text, { timeUnit: 'iso' })).toBe(false);
    expect(await read(text, { itemColumn: 'Time' })).toBeUndefined();
    expect(await read(text, { timeUnit: 'ms' })).toEqual(['1 2 3']);
  });

  it('reads files of several blocks', async () => {
    const rows = Array.from(
      { length: 150_000 },
      (_, row) => `${row >> 2},${row % 100},${1_700_000_000 + row}\n`,
    );
    const found = (await read(`${header}\n${rows.join('')}`)) || [];
    expect(found).toHaveLength(rows.length);
    expect(found.at(-1)).toBe(`${149_999 >> 2} 99 1700149999000`);
    expect(await read(`${header}\n${rows.join('')}x`)).toBe(false);
  });

  it('gives the dataset and the errors of the careful reader', async () => {
    const open = vi.spyOn(PlainLog, 'open');
    onTestFinished(() => open.mockRestore());
    const id = fc.oneof(
      { weight: 30, arbitrary: fc.nat({ max: 6 }).map(String) },
      { weight: 1, arbitrary: fc.constantFrom('', 'x', '007', '-1', '99999999999', '9'.repeat(16)) },
    );
    const step = fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 3 }) }, fc.constantFrom(-1, 1e9, 1e12));
    const row = fc.record({ session: id, item: id, step, other: fc.constantFrom('', 'a', 'b c', '1') });
    const logs = fc.tuple(fc.array(row, { minLength: 5, maxLength: 30 }), fc.array(row, { maxLength: 5 }));
    const options = fc.record(
      { onBadRow: fc.constant('skip' as const), timeUnit: fc.constantFrom('s' as const, 'ms' as const) },
      { requiredKeys: [] },
    );
    const result = async (given: PrepareOptions) =>
      prepare(given).catch((error: unknown) => {
        if (error instanceof DataError) return error.message;
        throw error;
      });
    const formats = fc.constantFrom('csv', 'jsonl', 'parquet');
    await fc.assert(
      fc.asyncProperty(logs, options, formats, async (files, chosen, format) => {
        let time = 1_700_000_000;
        const inputs: string[] = [];
        for (const [index, rows] of files.entries()) {
          const timed = rows.map(({ step: more, ...others }) => {
            time += more;
            return { ...others, time };
          });
          inputs.push(write(`${index}.${format}`, await contents[format](timed)));
        }
        const given = { ...chosen, inputs, output: join(folder, 'dataset'), overwrite: true };
        const plain = await result(given);
        open.mockResolvedValueOnce(undefined);
        expect(plain).toEqual(await result(given));
      }),
      { seed: 3, numRuns: 45 },
    );
  }, 60_000);
});

interface Row {
  readonly session: string;
  readonly item: string;
  readonly time: number;
  readonly other: string;
}

/** The content of a file with these rows, by format. */
const contents = {
  csv: async (rows: readonly Row[]) =>
    `${header},other\n${rows.map(({ session, item, time, other }) => `${session},${item},${time},${other}\n`).join('')}`,
  jsonl: async (rows: readonly Row[]) =>
    rows
      .map(
        ({ session, item, time, other }) =>
          `${JSON.stringify({ SessionId: session, ItemId: item, Time: time, other })}\n`,
      )
      .join(''),
  /** Ids that are not integers are empty. */
  parquet: async (rows: readonly Row[]) => {
    const values = rows.map(({ session, item, time }) => `('${session}', '${item}', ${time})`);
    const [bytes] = await writeParquet([
      `SELECT TRY_CAST(session AS BIGINT) AS "SessionId", TRY_CAST(item AS BIGINT) AS "ItemId", time AS "Time"
       FROM (VALUES ${['(NULL, NULL, 0)', ...values].join(', ')}) t(session, item, time) LIMIT ALL OFFSET 1`,
    ]);
    return bytes;
  },
};
