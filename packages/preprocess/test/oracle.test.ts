import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/sessions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PrepareOptions, prepare } from '../src/index.ts';
import { testFolder } from './folder.ts';
import { type LogEvent, naivePrepare } from './oracle.ts';
import { readPlain } from './plain.ts';

const folder = testFolder();
const start = 1_396_437_466_940;

/** Few sessions, items and times, so that equal times, repeats and rare items are common. */
const log: fc.Arbitrary<LogEvent[]> = fc.array(
  fc.record({
    session: fc.constantFrom('1', '2', 'x y', '123456789012345678901', 'é', '01', 'b', 'c', 'd', 'e'),
    item: fc.constantFrom('a', 'a', 'a', 'b', 'b', 'c', '007', '7'),
    ms: fc.nat({ max: 30 }).map((step) => start + step * 600_000),
  }),
  { minLength: 20, maxLength: 80, size: 'max' },
);

const filters = fc.record(
  {
    minSessionLength: fc.integer({ min: 1, max: 3 }),
    maxSessionLength: fc.integer({ min: 5, max: 20 }),
    minItemSupport: fc.integer({ min: 1, max: 15 }),
    filterUntilStable: fc.boolean(),
    collapseRepeats: fc.boolean(),
    validationDays: fc.constantFrom(0.001, 0.02),
  },
  { requiredKeys: [] },
);

const modes = fc.constantFrom<'none' | 'days' | 'given'>('none', 'days', 'given');
const cuts = fc.constantFrom<Partial<PrepareOptions>>(
  {},
  { userColumn: 'SessionId', sessionGapMs: 1_200_000 },
);

function write(name: string, events: readonly LogEvent[]): string {
  const file = join(folder, name);
  const rows = events.map(({ session, item, ms }) => `${session}\t${item}\t${ms}\n`);
  writeFileSync(file, `SessionId\tItemId\tTime\n${rows.join('')}`);
  return file;
}

describe('prepare', () => {
  it('agrees with the naive implementation', async () => {
    let prepared = 0;
    await fc.assert(
      fc.asyncProperty(log, log, filters, modes, cuts, async (events, others, filter, mode, cut) => {
        const options = { ...filter, ...cut, ...(mode === 'days' && { testDays: 0.01 }) };
        const expected = naivePrepare(events, mode === 'given' ? others : undefined, options);
        const half = events.length >> 1;
        const inputs = [write('one.tsv', events.slice(0, half)), write('two.tsv', events.slice(half))];
        const testInputs = mode === 'given' ? [write('test.tsv', others)] : undefined;
        const output = join(folder, 'dataset');
        const running = prepare({ ...options, inputs, testInputs, output, overwrite: true });
        if (expected === undefined) {
          await expect(running).rejects.toThrow(DataError);
          return;
        }
        await running;
        prepared++;
        expect(await readPlain(output)).toEqual(expected);
      }),
      { seed: 11, numRuns: 40 },
    );
    expect(prepared).toBeGreaterThan(15);
  }, 60_000);
});
