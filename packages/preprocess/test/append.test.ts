import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readDataset, writeDataset } from '@gru4rec/dataset';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type AppendOptions, append, prepare } from '../src/index.ts';
import { day, start, useTwoDays } from './two-days.ts';

const { folder, output, first, second, write, made, appended, refusal } = useTwoDays();

const filesOf = (directory: string) =>
  ['train.arrow', 'items.arrow'].map((name) => readFileSync(join(directory, name)).toString('hex'));

describe('append', () => {
  it('gives the same bytes as one preparation', async () => {
    const both = join(folder, 'both');
    const renamed = write(
      'renamed.tsv',
      day(100, 'zw', 'vx').map((event) => ({ ...event, session: `${event.session}2` })),
    );
    await prepare({ inputs: [first, renamed], output: both, overwrite: true });
    await made();
    await appended(renamed);
    expect(filesOf(output)).toEqual(filesOf(both));
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
      /^append: "inputs" expected sessions that start at 2014-04-02T11:21:16.940Z/,
    );
    await appended(write('next.tsv', day(220, 'xy')));
  });

  it('accepts a given test split later than the new sessions', async () => {
    await made({ testInputs: [write('given.tsv', day(500, 'xy'))] });
    expect((await appended(second)).heldOut).toEqual([{ name: 'test', isOlder: false }]);
  });

  it('keeps the options of the dataset if a caller passes undefined ones', async () => {
    await made({ minSessionLength: 1 });
    const others = { minSessionLength: undefined, sessionColumn: undefined } as Partial<AppendOptions>;
    const { added } = await appended(write('single.tsv', day(100, 'x', 'y')), others);
    expect(added).toEqual({ sessions: 2, events: 2, items: 0 });
  });

  it('removes sessions of both that are older than keepMs, and counts them', async () => {
    await made();
    const { added, removed, keptFrom, funnel } = await appended(second, { keepMs: 91_500 });
    expect(added).toEqual({ sessions: 2, events: 4, items: 2 });
    expect({ removed, keptFrom }).toEqual({ removed: { train: 1 }, keptFrom: start + 101_000 - 91_500 });
    expect(funnel.map(({ step }) => step)).toContain('sessions that ended before 2014-04-02T11:17:56.440Z');
    const { itemIds, support, train, manifest } = await readDataset(output);
    expect(train.sessionIds).toEqual(['b', 'a', 'b']);
    expect(itemIds.slice()).toEqual(['x', 'y', 'z', 'w', 'v']);
    expect([...support]).toEqual([1 + 1, 1, 1, 1, 1]);
    const { preparation } = manifest;
    expect(preparation).toMatchObject({ appended: [{ keptFrom, options: { keepMs: 91_500 } }] });
  });

  it('changes nothing if all new sessions are older than keepMs', async () => {
    await made({ inputs: [second] });
    const running = appended(first, { keepMs: 50_000, lateSessions: 'keep' });
    await expect(running).rejects.toThrow(
      '"train" expected at least one session, got none left, at ' +
        `${first}. The last step that removed events: sessions that ended before 2014-04-02T11:18:37.940Z (5).`,
    );
    expect((await readDataset(output)).train.sessionIds).toEqual(['a', 'b']);
  });

  it('keeps a dataset to which two clicks 200 days ahead are added', async () => {
    const days = 86_400_000;
    const clicks = (session: string, ms: number) => ['x', 'y'].map((item) => ({ session, item, ms }));
    const shop = Array.from({ length: 300 }, (_, at) => clicks(`s${at}`, start + (at * days) / 4));
    await made({ inputs: [write('shop.tsv', shop.flat())] });
    const ahead = write('ahead.tsv', clicks('ahead', start + 275 * days));
    const { added, removed, keptFrom } = await appended(ahead, { keepMs: 60 * days });
    expect({ added: added.sessions, removed }).toEqual({ added: 1, removed: { train: 59 } });
    expect(keptFrom).toBe(start + (299 / 4 - 60) * days);

    // A log of the future that has more sessions than the dataset moves the time, and is refused.
    const all = Array.from({ length: 400 }, (_, at) => clicks(`f${at}`, start + 275 * days + at));
    const future = write('future.tsv', all.flat());
    expect(await refusal(future, { keepMs: 60 * days })).toBe(
      'prepare: "keepMs" expected to keep half of the sessions or more, got 241 to remove and 1 to keep, counting from ' +
        '2015-01-02T11:17:47.338Z, at FOLDER/dataset. Correct the times, or allow it ("forceKeep").',
    );
    // The time of the machine is earlier.
    vi.useFakeTimers({ toFake: ['Date'], now: start + 75 * days });
    onTestFinished(() => void vi.useRealTimers());
    expect((await appended(future, { keepMs: 60 * days })).removed).toEqual({ train: 1 });
    vi.useRealTimers();
    const later = write('later.tsv', clicks('later', start + 900 * days));
    const { removed: forced } = await appended(later, { keepMs: 60 * days, forceKeep: true });
    expect(forced).toEqual({ train: 240 });
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
});

describe('append, late sessions', () => {
  it('refuses sessions that start before the last one of the dataset, before it rewrites anything', async () => {
    await made();
    await appended(second);
    const stages: string[] = [];
    const onProgress = ({ stage }: { stage: string }) => void stages.push(stage);
    expect(await refusal(second, { onProgress })).toBe(
      'append: "inputs" expected sessions that start at 2014-04-02T11:19:36.940Z or later, the start of the last session of the dataset, ' +
        'got 1 session that starts earlier, at 2014-04-02T11:19:26.940Z, at FOLDER/second.tsv. ' +
        'Prepare the dataset again from all files, or keep or drop them ("lateSessions").',
    );
    expect(stages).not.toContain('write');
    expect(await refusal(write('early.tsv', day(1, 'xy', 'yx')))).toContain(
      'got 2 sessions that start earlier, the first at 2014-04-02T11:17:47.940Z, at FOLDER/early.tsv.',
    );
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
});

describe('append, days of an event log', () => {
  const logOf = (name: string, date: string, session: string) => {
    const lines = ['x', 'y'].map((item, at) => ({
      SessionId: session,
      ItemId: item,
      Time: `${date}T10:00:0${at}Z`,
    }));
    const rows = [{ EventLog: 'gru4rec', Day: date }, ...lines].map((line) => `${JSON.stringify(line)}\n`);
    writeFileSync(join(folder, name), rows.join(''));
    return join(folder, name);
  };

  it('adds each day once, a late one too, under whatever name', async () => {
    await made();
    await appended(logOf('b.jsonl', '2026-05-12', 'b'));
    await appended(logOf('2026-05-11.jsonl', '2026-05-11', 'c'), { lateSessions: 'keep' });
    const { preparation } = (await readDataset(output)).manifest;
    expect(preparation).toMatchObject({ logThrough: '2026-05-12' });
    expect(await refusal(logOf('copy-of-11.jsonl', '2026-05-11', 'd'))).toBe(
      'append: "input" expected days of the event log that the dataset lacks, got 2026-05-11, at FOLDER/copy-of-11.jsonl.',
    );
  });

  it('reads a file and its gzip in a folder, which may be half written, once', async () => {
    await made();
    mkdirSync(join(folder, 'logs'));
    const file = logOf('logs/2026-05-13.jsonl', '2026-05-13', 'a');
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)).subarray(0, 40));
    expect((await appended(join(folder, 'logs'))).added).toMatchObject({ sessions: 1, events: 2 });
  });
});

describe('append, failures', () => {
  it('reports files with nothing to add', async () => {
    await made();
    expect(await refusal(write('empty.tsv', []))).toBe(
      'prepare: "input" expected events, got only a header or blank lines, at FOLDER/empty.tsv.',
    );
    expect(await refusal(write('short.tsv', day(100, 'x', 'y')))).toContain(
      '"train" expected at least one session, got none left, at FOLDER/short.tsv.',
    );
  });

  it('reports a dataset that is not from prepare', async () => {
    const foreign = join(folder, 'foreign');
    await writeDataset(foreign, { items: [], splits: { train: [] } });
    await expect(append({ inputs: [second], output: foreign })).rejects.toThrow(
      `append: "preparation" expected an object, got null, at ${foreign}/dataset.json. Prepare the dataset again from all files.`,
    );
  });
});
