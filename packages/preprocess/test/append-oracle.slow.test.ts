import { join } from 'node:path';
import { DataError } from '@gru4rec/sessions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { append, type PrepareOptions, prepare } from '../src/index.ts';
import { testFolder } from './folder.ts';
import { type LogEvent, naivePrepare, type PlainDataset } from './oracle.ts';
import { readPlain } from './plain.ts';
import { start, writeLog } from './two-days.ts';

const folder = testFolder();

/** The definition of appending: prepares the new events separately, keeps known items, adds them at the end. */
function naiveAppend(
  old: PlainDataset,
  log: readonly LogEvent[],
  options: Omit<PrepareOptions, 'inputs' | 'output'>,
): PlainDataset | undefined {
  const known = new Set(old.items.map(({ id }) => id));
  const added = naivePrepare(log, undefined, options, known);
  if (added === undefined) return undefined;
  const support = new Map(old.items.map(({ id, support: count }) => [id, count]));
  for (const { id, support: count } of added.items) support.set(id, (support.get(id) ?? 0) + count);
  const items = [...old.items, ...added.items.filter(({ id }) => !known.has(id))];
  return {
    items: items.map(({ id }) => ({ id, support: support.get(id) ?? 0 })),
    splits: { ...old.splits, train: [...old.splits['train'], ...added.splits['train']] },
  };
}

const log = (from: number): fc.Arbitrary<LogEvent[]> =>
  fc.array(
    fc.record({
      session: fc.constantFrom('1', '2', 'x y', 'é', '01', 'b', 'c'),
      item: fc.constantFrom('a', 'a', 'b', 'c', '007', ...(from > 0 ? ['new', 'newer'] : [])),
      ms: fc.nat({ max: 30 }).map((step) => start + from + step * 600_000),
    }),
    { minLength: 15, maxLength: 50, size: 'max' },
  );
const filters = fc.record(
  {
    minSessionLength: fc.integer({ min: 1, max: 3 }),
    maxSessionLength: fc.integer({ min: 5, max: 20 }),
    minItemSupport: fc.integer({ min: 1, max: 8 }),
    filterUntilStable: fc.boolean(),
    collapseRepeats: fc.boolean(),
    testDays: fc.constant(0.01),
    compression: fc.constantFrom('lz4', 'zstd'),
  },
  { requiredKeys: [] },
);
const cuts = fc.constantFrom<Partial<PrepareOptions>>(
  {},
  { userColumn: 'SessionId', sessionGapMs: 1_200_000 },
);

describe('append', () => {
  it('agrees with the naive implementation', async () => {
    let done = 0;
    await fc.assert(
      fc.asyncProperty(log(0), log(86_400_000), filters, cuts, async (events, more, filter, cut) => {
        const options = { ...filter, ...cut } as Omit<PrepareOptions, 'inputs' | 'output'>;
        const inputs = [writeLog(folder, 'one.tsv', events)];
        const target = join(folder, 'naive');
        const isMade = await prepare({ ...options, inputs, output: target, overwrite: true }).then(
          () => true,
          () => false,
        );
        if (!isMade) return;
        const old = await readPlain(target);
        const { testDays, ...shaping } = options;
        const expected = naiveAppend(old, more, shaping);
        const running = append({ inputs: [writeLog(folder, 'two.tsv', more)], output: target });
        if (expected === undefined) {
          await expect(running).rejects.toThrow(DataError);
          return;
        }
        await running;
        done++;
        expect(await readPlain(target)).toEqual(expected);
      }),
      { seed: 5, numRuns: 25 },
    );
    expect(done).toBeGreaterThan(10);
  }, 120_000);
});
