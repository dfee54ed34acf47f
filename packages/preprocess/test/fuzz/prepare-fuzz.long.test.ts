import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/dataset';
import { describe, expect, it } from 'vitest';
import { type PrepareReport, prepare } from '../../src/index.ts';
import { naivePrepare } from '../oracle.ts';
import { readPlain } from '../plain.ts';
import { arrowFiles } from './arrow-files.ts';
import { mutateBytes, mutateText, packWrongly } from './mutate.ts';
import { parquetFiles } from './parquet-files.ts';
import { fuzzTimeoutMs, runCases } from './run-cases.ts';
import { soundLog, textFormats, writeLog } from './sound-log.ts';
import { isReadOtherwise, readStrictly } from './strict-reader.ts';

/** Prepares a file. @returns the report, or an error of one line that names the file; then nothing is left. */
async function prepared(file: string, folder: string): Promise<PrepareReport | string> {
  try {
    const output = join(folder, 'out');
    const report = await prepare({ inputs: [file], output, minSessionLength: 1, threads: 1 });
    expect(readdirSync(folder)).toEqual(['log', 'out']);
    return report;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    expect(error.message).toContain(file);
    expect(error.message).not.toMatch(/[\n\r]/);
    expect(error.message.length).toBeLessThan(2000);
    expect(error.file).toBe(file);
    expect(readdirSync(folder)).toEqual(['log']);
    return error.message;
  }
}

async function expectStrict(bytes: Buffer, report: PrepareReport, folder: string): Promise<void> {
  const log = readStrictly(bytes);
  expect(log, 'prepare takes what a strict reader refuses').toBeDefined();
  const expected = naivePrepare(log ?? [], undefined, { minSessionLength: 1 });
  const found = await readPlain(join(folder, 'out'));
  expect(found).toEqual(expected);
  expect(report.funnel[0]?.events).toBe(log?.length);
  expect(report.manifest.counts.splits.train?.events).toBe(log?.length);
}

describe('prepare under fuzz', () => {
  it(
    'reads texts like a strict reader, or refuses them',
    async () => {
      let taken = 0;
      await runCases(250, async ({ chance, folder, write }) => {
        const text = Buffer.from(writeLog(soundLog(chance), chance.pick(textFormats), chance));
        const plain = chance.once(20) ? text : mutateText(text, chance);
        const bytes = chance.once(4) ? packWrongly(plain, chance) : plain;
        const report = await prepared(write(bytes), folder);
        if (isReadOtherwise(plain, String(report))) return;
        if (typeof report === 'string') {
          expect(readStrictly(bytes), 'prepare refuses what a strict reader takes').toBeUndefined();
          return;
        }
        taken++;
        await expectStrict(bytes, report, folder);
      });
      expect(taken).toBeGreaterThan(0);
    },
    fuzzTimeoutMs,
  );

  it.each([
    ['Parquet', parquetFiles],
    ['Arrow', arrowFiles],
  ])(
    'never reads another number of events from damaged %s files',
    async (_, makeFiles) => {
      const files = await makeFiles();
      await runCases(150, async ({ chance, folder, write }) => {
        const { bytes, events } = chance.pick(files);
        const mutant = chance.once(20) ? bytes : mutateBytes(bytes, chance);
        const report = await prepared(write(mutant), folder);
        if (typeof report !== 'string') expect(report.funnel[0]?.events).toBe(events);
      });
    },
    fuzzTimeoutMs,
  );
});
