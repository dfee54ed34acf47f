import { join } from 'node:path';
import { DataError } from '@gru4rec/sessions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { append, type PrepareOptions, prepare } from '../src/index.ts';
import { testFolder } from './folder.ts';
import { inOrderOfTime, type LogEvent, naivePrepare, oldestKept, type PlainDataset } from './oracle.ts';
import { readPlain } from './plain.ts';
import { start, writeLog } from './two-days.ts';

const folder = testFolder();

/**
 * The definition of appending: prepares the new events separately, keeps known items, adds them at the end. With `keepMs`, old
 * sessions leave every split; items stay.
 */
function naiveAppend(
  old: PlainDataset,
  log: readonly LogEvent[],
  options: Omit<PrepareOptions, 'inputs' | 'output'>,
): PlainDataset | undefined {
  const known = new Set(old.items.map(({ id }) => id));
  const oldEnds = Object.values(old.splits).flatMap((sessions) =>
    sessions.map(({ times }) => times.at(-1) ?? 0),
  );
  const added = naivePrepare(log, undefined, options, known, oldEnds);
  if (added === undefined) return undefined;
  const oldest = oldestKept(inOrderOfTime(log), options, oldEnds);
  const left = Object.entries(old.splits).map(
    ([name, sessions]) => [name, sessions.filter(({ times }) => (times.at(-1) ?? 0) >= oldest)] as const,
  );
  const splits = Object.fromEntries(left.filter(([, sessions]) => sessions.length > 0));
  const train = [...(splits['train'] ?? []), ...added.splits['train']];
  const events = train.flatMap((session) => session.items);
  const items = [...old.items, ...added.items.filter(({ id }) => !known.has(id))];
  return {
    items: items.map(({ id }) => ({ id, support: events.filter((item) => item === id).length })),
    splits: { ...splits, train },
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

/** Of the two days, one is between 0 and 5 hours, the other between 24 and 29. */
const keeps = fc.option(
  fc.integer({ min: 18, max: 30 }).map((hours) => hours * 3_600_000),
  { nil: undefined },
);

describe('append', () => {
  it('agrees with the naive implementation', async () => {
    let done = 0;
    let splitsLost = 0;
    await fc.assert(
      fc.asyncProperty(
        log(0),
        log(86_400_000),
        filters,
        cuts,
        keeps,
        fc.boolean(),
        async (events, more, filter, cut, keepMs, forceKeep) => {
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
          const expected = naiveAppend(old, more, { ...shaping, keepMs, forceKeep });
          const running = append({
            ...{ inputs: [writeLog(folder, 'two.tsv', more)], output: target, keepMs, forceKeep },
          });
          if (expected === undefined) {
            await expect(running).rejects.toThrow(DataError);
            return;
          }
          await running;
          done++;
          if (Object.keys(expected.splits).length < Object.keys(old.splits).length) splitsLost++;
          expect(await readPlain(target)).toEqual(expected);
        },
      ),
      { seed: 5, numRuns: 36 },
    );
    expect(done).toBeGreaterThan(15);
    expect(splitsLost).toBeGreaterThan(2);
  }, 120_000);
});
