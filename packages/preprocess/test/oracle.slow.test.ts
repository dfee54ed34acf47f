import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/dataset';
import { testFolder } from '@gru4rec/test-support/folder';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { append, type PrepareOptions, prepare } from '../src/index.ts';
import { inOrderOfTime, type LogEvent, naivePrepare, oldestKept, type PlainDataset } from './oracle.ts';
import { readPlain } from './plain.ts';
import { start, writeLog } from './two-days.ts';

const folder = testFolder();

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
    collapseRepeats: fc.boolean(),
    keepMs: fc.integer({ min: 15, max: 30 }).map((steps) => steps * 600_000),
    forceKeep: fc.boolean(),
  },
  { requiredKeys: [] },
);

const timeAt = (step: number) => new Date(start + step * 600_000).toISOString();
const none: Partial<PrepareOptions> = {};
/** `given` is a test file. */
const tests = fc.constantFrom<Partial<PrepareOptions> | 'given'>(
  ...[none, { testDays: 0.01 }, 'given' as const],
  ...[{ testFrom: timeAt(20) }, { testFrom: timeAt(29.5) }, { testFraction: 0.2 }, { testFraction: 0.01 }],
);
const validations = fc.constantFrom<Partial<PrepareOptions>>(
  ...[none, { validationDays: 0.001 }, { validationDays: 0.02 }],
  ...[{ validationFrom: timeAt(15) }, { validationFraction: 0.1 }, { validationFraction: 0.5 }],
);
const cuts = fc.constantFrom<Partial<PrepareOptions>>(
  {},
  { userColumn: 'SessionId', sessionGapMs: 1_200_000 },
);

const catalogues = fc.option(
  fc.shuffledSubarray(['a', 'b', 'c', '007', 'none', '7'].map((id) => ({ id, available: id !== 'b' }))),
  { nil: undefined },
);

/** Integers in the place of ids, of 32 and of 64 bits. */
const number = (id: string) => String(id.charCodeAt(0) % 2 === 0 ? -id.length : 2 ** 40 + id.charCodeAt(0));

function numbered(events: readonly LogEvent[]): LogEvent[] {
  return events.map(({ session, item, ms }) => ({ session: number(session), item: number(item), ms }));
}

const write = (name: string, events: readonly LogEvent[]) => writeLog(folder, name, events);

describe('prepare', () => {
  it('agrees with the naive implementation', async () => {
    let prepared = 0;
    await fc.assert(
      fc.asyncProperty(
        log,
        log,
        filters,
        tests,
        validations,
        cuts,
        fc.record({ isNumbered: fc.boolean(), catalogue: catalogues }),
        async (texts, otherTexts, filter, test, validation, cut, { isNumbered, catalogue }) => {
          const [events, others] = isNumbered ? [texts, otherTexts].map(numbered) : [texts, otherTexts];
          const isGiven = test === 'given';
          const options = { ...filter, ...cut, ...(isGiven ? none : test), ...validation };
          const rows = catalogue?.map(({ id, ...row }) => ({ id: isNumbered ? number(id) : id, ...row }));
          const distinct = rows?.filter(({ id }, at) => rows.findIndex((row) => row.id === id) === at);
          const available = distinct?.filter((row) => row.available).map(({ id }) => id);
          const testLog = isGiven ? others : undefined;
          const expected = naivePrepare(events, testLog, options, undefined, undefined, available);
          const items = distinct && join(folder, 'items.jsonl');
          if (items) writeFileSync(items, distinct.map((row) => JSON.stringify(row)).join('\n'));
          const half = events.length >> 1;
          const inputs = [write('one.tsv', events.slice(0, half)), write('two.tsv', events.slice(half))];
          const testInputs = isGiven ? [write('test.tsv', others)] : undefined;
          const output = join(folder, 'dataset');
          const running = prepare({ ...options, items, inputs, testInputs, output, overwrite: true });
          if (expected === undefined) {
            await expect(running).rejects.toThrow(DataError);
            return;
          }
          await running;
          prepared++;
          expect(await readPlain(output)).toEqual(expected);
        },
      ),
      { seed: 11, numRuns: 90 },
    );
    expect(prepared).toBeGreaterThan(25);
  }, 60_000);
});

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

const dayLog = (from: number): fc.Arbitrary<LogEvent[]> =>
  fc.array(
    fc.record({
      session: fc.constantFrom('1', '2', 'x y', 'é', '01', 'b', 'c'),
      item: fc.constantFrom('a', 'a', 'b', 'c', '007', ...(from > 0 ? ['new', 'newer'] : [])),
      ms: fc.nat({ max: 30 }).map((step) => start + from + step * 600_000),
    }),
    { minLength: 15, maxLength: 50, size: 'max' },
  );
const appendFilters = fc.record(
  {
    minSessionLength: fc.integer({ min: 1, max: 3 }),
    maxSessionLength: fc.integer({ min: 5, max: 20 }),
    minItemSupport: fc.integer({ min: 1, max: 8 }),
    collapseRepeats: fc.boolean(),
    testDays: fc.constant(0.01),
  },
  { requiredKeys: [] },
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
        dayLog(0),
        dayLog(86_400_000),
        appendFilters,
        cuts,
        keeps,
        fc.boolean(),
        async (events, more, filter, cut, keepMs, forceKeep) => {
          const options = { ...filter, ...cut } as Omit<PrepareOptions, 'inputs' | 'output'>;
          const inputs = [write('one.tsv', events)];
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
            ...{ inputs: [write('two.tsv', more)], output: target, keepMs, forceKeep },
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
