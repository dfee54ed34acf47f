import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DataError, readDataset, writeDataset } from '@gru4rec/sessions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AppendOptions, append, type PrepareOptions, prepare } from '../src/index.ts';
import { testFolder } from './folder.ts';
import { type LogEvent, naivePrepare, type PlainDataset } from './oracle.ts';
import { readPlain } from './plain.ts';

const folder = testFolder();
const start = 1_396_437_466_940;
const output = join(folder, 'dataset');

function write(name: string, events: readonly LogEvent[]): string {
  const file = join(folder, name);
  const rows = events.map(({ session, item, ms }) => `${session}\t${item}\t${ms}\n`);
  writeFileSync(file, `SessionId\tItemId\tTime\n${rows.join('')}`);
  return file;
}

/** Events of sessions `a`, `b`, …, whose items are letters: one event per second, starting at second `from`. */
function day(from: number, ...sessions: string[]): LogEvent[] {
  return sessions.flatMap((items, index) =>
    [...items].map((item, at) => ({
      session: String.fromCharCode(97 + index),
      item,
      ms: start + 1000 * (from + 10 * index + at),
    })),
  );
}

const first = write('first.tsv', day(0, 'xyz', 'xy'));
const second = write('second.tsv', day(100, 'zw', 'vx'));

async function made(options: Partial<PrepareOptions> = {}): Promise<void> {
  await prepare({ inputs: [first], output, overwrite: true, ...options });
}

async function appended(file: string, options: Partial<AppendOptions> = {}) {
  return append({ inputs: [file], output, ...options });
}

async function refusal(file: string): Promise<string> {
  const before = readFileSync(join(output, 'dataset.json'), 'utf8');
  const error: unknown = await appended(file).catch((reason) => reason);
  expect(error).toBeInstanceOf(DataError);
  expect(readFileSync(join(output, 'dataset.json'), 'utf8')).toBe(before);
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  return (error as DataError).message.replaceAll(folder, 'FOLDER');
}

const filesOf = (directory: string) =>
  ['train.arrow', 'items.arrow'].map((name) => readFileSync(join(directory, name)).toString('hex'));

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
        const inputs = [write('one.tsv', events)];
        const target = join(folder, 'naive');
        const isMade = await prepare({ ...options, inputs, output: target, overwrite: true }).then(
          () => true,
          () => false,
        );
        if (!isMade) return;
        const old = await readPlain(target);
        const { testDays, ...shaping } = options;
        const expected = naiveAppend(old, more, shaping);
        const running = append({ inputs: [write('two.tsv', more)], output: target });
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

  it.each(['none', 'lz4', 'zstd'] as const)(
    'gives the same bytes as one preparation (compression %s)',
    async (compression) => {
      const both = join(folder, 'both');
      const renamed = write(
        'renamed.tsv',
        day(100, 'zw', 'vx').map((event) => ({ ...event, session: `${event.session}2` })),
      );
      await prepare({ inputs: [first, renamed], output: both, overwrite: true, compression });
      await made({ compression });
      await appended(renamed);
      expect(filesOf(output)).toEqual(filesOf(both));
    },
  );

  it('adds new items after the old ones, and a session with a known id after the old sessions', async () => {
    await made();
    const { added, heldOut } = await appended(second);
    expect(added).toEqual({ sessions: 2, events: 4, items: 2 });
    expect(heldOut).toEqual([]);
    const { itemIds, support, train } = await readDataset(output);
    expect(itemIds.slice()).toEqual(['x', 'y', 'z', 'w', 'v']);
    expect([...support]).toEqual([2 + 1, 2, 1 + 1, 1, 1]);
    expect(train.sessionIds).toEqual(['a', 'b', 'a', 'b']);
  });

  it('records every append in the manifest', async () => {
    await made({ minSessionLength: 1 });
    const { checksum } = (await readDataset(output)).manifest;
    await appended(second);
    await appended(write('third.tsv', day(200, 'xx')), { onBadRow: 'skip' });
    const { preparation } = (await readDataset(output)).manifest;
    expect(preparation).toMatchObject({
      options: { minSessionLength: 1, onBadRow: 'fail' },
      inputs: [{ file: 'first.tsv', format: 'tsv', rows: 5 }],
      appended: [
        {
          options: { minSessionLength: 1 },
          inputs: [{ file: 'second.tsv', format: 'tsv', rows: 4 }],
          counts: { items: 4, sessions: 2, events: 4 },
          checksumBefore: checksum,
        },
        { options: { onBadRow: 'skip' }, inputs: [{ file: 'third.tsv' }], badRows: 0, timeUnit: 'ms' },
      ],
    });
  });

  it('keeps held-out splits, and reports which are older', async () => {
    await made({ testDays: 0.000_06 });
    const test = readFileSync(join(output, 'test.arrow'));
    const { heldOut } = await appended(write('later.tsv', day(300, 'xq')));
    expect(heldOut).toEqual([{ name: 'test', isOlder: true }]);
    expect(readFileSync(join(output, 'test.arrow'))).toEqual(test);
    expect((await readDataset(output)).itemIds.at(-1)).toBe('q');
  });

  it.each(['testDays', 'validationDays'])('does not add a session again that %s held out', async (cut) => {
    const events = day(200, 'xy', 'yx').map((event) => ({ ...event, session: `${event.session}2` }));
    const third = write('cut.tsv', events);
    await made({ inputs: [first, third], [cut]: 0.0005 });
    expect((await readDataset(output)).train.sessionIds).toEqual(['a', 'b']);
    expect(await refusal(third)).toMatch(
      /^"inputs" expected sessions that start at 2014-04-02T11:21:16.940Z/,
    );
    await appended(write('next.tsv', day(220, 'xy')));
  });

  it('accepts a given test split later than the new sessions', async () => {
    await made({ testInputs: [write('given.tsv', day(500, 'xy'))] });
    expect((await appended(second)).heldOut).toEqual([{ name: 'test', isOlder: false }]);
  });

  it('keeps a known item even if it is rare in the new events', async () => {
    await made({ minItemSupport: 2, minSessionLength: 1 });
    expect((await readDataset(output)).itemIds.slice()).toEqual(['x', 'y']);
    await appended(write('rare.tsv', day(100, 'xnnr')));
    const { itemIds, support } = await readDataset(output);
    expect(itemIds.slice()).toEqual(['x', 'y', 'n']);
    expect([...support]).toEqual([3, 2, 2]);
  });

  it('keeps the options of the dataset if a caller passes undefined ones', async () => {
    await made({ minSessionLength: 1 });
    const others = { minSessionLength: undefined, sessionColumn: undefined } as Partial<AppendOptions>;
    const { added } = await appended(write('single.tsv', day(100, 'x', 'y')), others);
    expect(added).toEqual({ sessions: 2, events: 2, items: 0 });
  });

  it('extends the list of bad rows', async () => {
    const bad = join(folder, 'bad.tsv');
    writeFileSync(bad, `${readFileSync(first, 'utf8')}c\t\t1396437466941\n`);
    await made({ inputs: [bad], onBadRow: 'skip' });
    writeFileSync(bad, `${readFileSync(second, 'utf8')}c\t1\n`);
    await appended(bad);
    expect(
      readFileSync(join(output, 'bad-rows.tsv'), 'utf8')
        .split('\n')
        .map((row) => row.split('\t')[1]),
    ).toEqual(['row', '7', '6', undefined]);
  });

  it('refuses sessions that start before the last one of the dataset, such as the same file twice', async () => {
    await made();
    await appended(second);
    expect(await refusal(second)).toBe(
      '"inputs" expected sessions that start at 2014-04-02T11:19:36.940Z or later, the start of the last session of the dataset, ' +
        'got 1 session that starts earlier, at 2014-04-02T11:19:26.940Z, at FOLDER/second.tsv. ' +
        'Say with "lateSessions" whether to keep or drop them, or prepare the dataset again from all files.',
    );
    expect(await refusal(write('early.tsv', day(1, 'xy', 'yx')))).toContain(
      'got 2 sessions that start earlier, the first at 2014-04-02T11:17:47.940Z, at FOLDER/early.tsv.',
    );
  });

  it('detects late sessions before it rewrites anything', async () => {
    await made();
    await appended(second);
    const stages: string[] = [];
    const onProgress = ({ stage }: { stage: string }) => void stages.push(stage);
    await expect(appended(second, { onProgress })).rejects.toThrow('"lateSessions"');
    expect(stages).not.toContain('write');
  });

  const late = write('late.tsv', [
    ...day(5, 'xq').map((event) => ({ ...event, session: 'late' })),
    ...day(200, 'zw').map((event) => ({ ...event, session: 'next' })),
  ]);

  it('inserts late sessions by time with lateSessions keep, and counts them', async () => {
    await made();
    const { funnel, added } = await appended(late, { lateSessions: 'keep' });
    expect(added).toEqual({ sessions: 2, events: 4, items: 2 });
    expect(funnel.map(({ step, sessions }) => [step, sessions])).toContainEqual(['late sessions kept: 1', 2]);
    const { train, manifest } = await readDataset(output);
    expect(train.sessionIds).toEqual(['a', 'late', 'b', 'next']);
    expect(manifest.preparation).toMatchObject({ appended: [{ options: { lateSessions: 'keep' } }] });
    const all = join(folder, 'all');
    await prepare({ inputs: [first, late], output: all, overwrite: true });
    expect((await readDataset(all)).train.sessionIds).toEqual(train.sessionIds);
  });

  it('drops late sessions before any filter with lateSessions drop, and counts them', async () => {
    await made();
    const { funnel, added } = await appended(late, { lateSessions: 'drop' });
    expect(added).toEqual({ sessions: 1, events: 2, items: 1 });
    expect(funnel).toContainEqual({
      ...{ split: 'all', step: 'late sessions', events: 2, sessions: 1, items: 2, removedEvents: 2 },
    });
    const { train, itemIds } = await readDataset(output);
    expect(train.sessionIds).toEqual(['a', 'b', 'next']);
    expect(itemIds.slice()).toEqual(['x', 'y', 'z', 'w']);
  });

  it('reports files with nothing to add', async () => {
    await made();
    expect(await refusal(write('empty.tsv', []))).toBe(
      'prepare: "input" expected events, got only a header or blank lines, at FOLDER/empty.tsv.',
    );
    expect(await refusal(write('short.tsv', day(100, 'x', 'y')))).toContain(
      '"train" expected at least one session, got none left, at FOLDER/short.tsv.',
    );
  });

  it('reports a folder that is not a dataset, or not one from prepare', async () => {
    const none = join(folder, 'none');
    await expect(append({ inputs: [second], output: none })).rejects.toThrow(
      `readDataset: "directory" expected a session dataset, got nothing, at ${none}.`,
    );
    const foreign = join(folder, 'foreign');
    const train = [
      {
        sessionIds: ['s'],
        sessionOffsets: Int32Array.of(0, 1),
        items: Int32Array.of(0),
        times: BigInt64Array.of(0n),
      },
    ];
    await writeDataset(foreign, {
      items: [{ itemIds: ['i'], support: Int32Array.of(1) }],
      splits: { train },
    });
    await expect(append({ inputs: [second], output: foreign })).rejects.toThrow(
      `append: "preparation" expected an object, got null, at ${foreign}/dataset.json. Prepare the dataset again from all files.`,
    );
  });

  it('refuses a dataset of another version and a damaged one', async () => {
    await made();
    const manifest = readFileSync(join(output, 'dataset.json'), 'utf8');
    writeFileSync(join(output, 'dataset.json'), manifest.replace('"formatVersion": 1', '"formatVersion": 2'));
    expect(await refusal(second)).toContain('readDataset: "formatVersion" expected 1, got 2');
    writeFileSync(join(output, 'dataset.json'), manifest);
    const train = readFileSync(join(output, 'train.arrow'));
    train[train.length >> 1] ^= 1;
    writeFileSync(join(output, 'train.arrow'), train);
    expect(await refusal(second)).toContain('readDataset: SHA-256 expected');
  });

  it('keeps the dataset when it is killed', async () => {
    await made();
    const copy = join(folder, 'copy');
    cpSync(output, copy, { recursive: true });
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const program = fileURLToPath(new URL('append-killed-program.ts', import.meta.url));
    const flags = ['--import', tsx, '--conditions=@gru4rec/source'];
    const run = spawnSync(process.execPath, [...flags, program, output, second], { encoding: 'utf8' });
    expect(run).toMatchObject({ signal: 'SIGKILL', stderr: '' });
    for (const name of readdirSync(copy)) {
      expect(readFileSync(join(output, name))).toEqual(readFileSync(join(copy, name)));
    }
    await appended(second);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    rmSync(copy, { recursive: true });
  });
});
