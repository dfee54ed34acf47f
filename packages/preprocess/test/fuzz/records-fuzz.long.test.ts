import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/dataset';
import { describe, expect, it } from 'vitest';
import { copyClean } from '../../src/backends/duckdb/read.ts';
import { badRowError } from '../../src/bad-rows.ts';
import { checkColumns, columnNames } from '../../src/input/columns.ts';
import { openInput } from '../../src/input/input-file.ts';
import { checkPrepare } from '../../src/options.ts';
import { enlarge, mutateText } from './mutate.ts';
import { fuzzTimeoutMs, runCases } from './run-cases.ts';
import { soundLog, textFormats, writeLog } from './sound-log.ts';
import { isReadOtherwise, type Row, readRows } from './strict-reader.ts';

interface Copied {
  readonly rows: readonly Row[] | undefined;
  readonly bad: number;
  readonly message: string;
}

/** @param skip - leaves out bad rows and counts them. */
async function copied(file: string, folder: string, skip = false): Promise<Copied> {
  const options = checkPrepare({ inputs: [file], output: 'unused' });
  let bad = 0;
  try {
    const input = await openInput(file, folder, options);
    if (input.format === 'parquet') return { rows: undefined, bad, message: 'Parquet' };
    if (input.format !== 'jsonl') checkColumns(input, input.header, columnNames(options));
    const copy = await copyClean(input, join(folder, skip ? 'copy' : 'strict'), (row) => {
      if (!skip) throw badRowError(row);
      bad++;
    });
    // The copy is valid by construction, so the strict reader can read it.
    return { rows: readRows(readFileSync(copy.path)), bad, message: '' };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    expect(error.message).toContain(file);
    expect(error.message).not.toMatch(/[\n\r]/);
    expect(error.message.length).toBeLessThan(2000);
    return { rows: undefined, bad, message: error.message };
  }
}

describe('copyClean under fuzz', () => {
  it(
    'copies the rows that a strict reader reads, or refuses the file',
    async () => {
      let [taken, refused] = [0, 0];
      await runCases(2000, async ({ chance, folder, write }) => {
        const text = Buffer.from(writeLog(soundLog(chance), chance.pick(textFormats), chance));
        const bytes = chance.once(20) ? text : mutateText(text, chance);
        const { rows, message } = await copied(write(bytes), folder);
        if (rows === undefined) refused++;
        else taken++;
        if (!isReadOtherwise(bytes, message)) expect(rows).toEqual(readRows(bytes));
      });
      expect(taken * refused).toBeGreaterThan(0);
    },
    fuzzTimeoutMs,
  );

  it(
    'copies or counts every line that is not blank if it skips bad rows',
    async () => {
      await runCases(1000, async ({ chance, folder, write }) => {
        const format = chance.pick(['csv', 'tsv', 'jsonl'] as const);
        const text = Buffer.from(writeLog(soundLog(chance), format, chance));
        const bytes = mutateText(text, chance);
        const hasRecordsOfLines = format === 'jsonl' || !bytes.includes('"');
        // The copy keeps rows without an id, which SQL finds later: the strict reader would refuse them all.
        const hasNothing = /[,;\t][,;\t\r\n]|^[,;\t]|[,;\t]$|""|null/m.test(bytes.toString('latin1'));
        const { rows, bad } = await copied(write(bytes), folder, true);
        if (rows === undefined || !hasRecordsOfLines || hasNothing) return;
        const lines = bytes
          .toString('latin1')
          .replace(/^\xef\xbb\xbf/, '')
          .split('\n');
        const isJson = lines.join('\n').trimStart().startsWith('{');
        const full = lines.filter((line) => !(isJson ? /^[ \t\r]*$/ : /^\r?$/).test(line)).length;
        expect(rows.length + bad).toBe(isJson ? full : full - 1);
      });
    },
    fuzzTimeoutMs,
  );

  it(
    'reads huge fields completely, or refuses them',
    async () => {
      await runCases(20, async ({ chance, folder, write }) => {
        const text = Buffer.from(writeLog(soundLog(chance), chance.pick(textFormats), chance));
        const bytes = enlarge(text, chance, chance.pick([1 << 20, (2 << 20) - 100, 3 << 20, 17 << 20]));
        const { rows } = await copied(write(bytes), folder);
        if (rows === undefined || isReadOtherwise(bytes, '')) return;
        // Compares booleans, because a message with megabytes of text is of no use.
        expect(JSON.stringify(rows) === JSON.stringify(readRows(bytes))).toBe(true);
      });
    },
    fuzzTimeoutMs,
  );
});
