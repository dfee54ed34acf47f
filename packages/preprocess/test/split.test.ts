import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '@gru4rec/dataset';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { type PrepareOptions, parseTime, prepare } from '../src/index.ts';

const folder = testFolder();
const output = join(folder, 'dataset');
const hour = 3_600_000;
const start = Date.parse('2026-05-01T00:00Z');

/** Writes sessions of two clicks, the first at hours since 1 May 2026, the second a minute later. */
function log(name: string, hours: readonly number[]): string {
  const path = join(folder, name);
  const rows = hours.flatMap((at, index) =>
    [0, 60_000].map((more) => `${name}-${index},${more === 0 ? 'a' : 'b'},${start + at * hour + more}\n`),
  );
  writeFileSync(path, `SessionId,ItemId,Time\n${rows.join('')}`);
  return path;
}

const hourly = log(
  'hourly',
  Array.from({ length: 100 }, (_, at) => at),
);

async function sizes(options: Partial<PrepareOptions>) {
  const { warnings } = await prepare({ inputs: [hourly], output, overwrite: true, ...options });
  const { train, validation, test } = await readDataset(output);
  const sessions = [train, validation, test].map((split) => split?.sessionIds.length);
  return { sessions, warnings };
}

describe('parseTime', () => {
  it('reads a date or time, in UTC without a zone', () => {
    const texts = ['2026-05-03', '2026-05-03T00:00+02:00', '2026-05-03 02:01:00.001'];
    const times = ['2026-05-03T00:00Z', '2026-05-02T22:00Z', '2026-05-03T02:01:00.001Z'];
    expect(texts.map(parseTime)).toEqual(times.map((time) => Date.parse(time)));
  });
});

describe('splits by time', () => {
  it.each<[Partial<PrepareOptions>, (number | undefined)[]]>([
    // 1 May has the hours 0 to 23, 2 May 24 to 47, and so on.
    [{ testFrom: '2026-05-03 02:01' }, [50, undefined, 50]],
    [{ testFrom: '2026-05-03 02:01:00.001' }, [51, undefined, 49]],
    [{ testFrom: '2026-05-04', validationFrom: '2026-05-03' }, [48, 24, 28]],
    [{ testFraction: 0.1, validationFraction: 0.1 }, [80, 10, 10]],
    [{ testDays: 1, validationFraction: 0.25 }, [50, 25, 25]],
    [{ testFraction: 0.5, validationDays: 1 }, [25, 25, 50]],
    [{ validationFrom: '2026-05-02' }, [24, 76, undefined]],
  ])('follow %j', async (options, sessions) => {
    expect((await sizes(options)).sessions).toEqual(sessions);
  });

  it('refuse a fraction of which the other split leaves less', async () => {
    await expect(sizes({ testDays: 3, validationFraction: 0.5 })).rejects.toThrow(
      /"train" expected at least one session/,
    );
  });

  it('refuse a time after the last session', async () => {
    await expect(sizes({ testFrom: '2026-06-01' })).rejects.toThrow(
      '"testFrom" expected a time up to 2026-05-05T03:01:00.000Z, when the last session ends, got 2026-06-01T00:00:00.000Z',
    );
  });
});

describe('keepMs of prepare', () => {
  it('removes no more than half of the sessions unless forceKeep allows it', async () => {
    const keepMs = 40 * hour;
    await expect(sizes({ keepMs })).rejects.toThrow(
      '"keepMs" expected to keep half of the sessions or more, got 58 to remove and 42 to keep',
    );
    expect((await sizes({ keepMs, forceKeep: true })).sessions).toEqual([42, undefined, undefined]);
  });
});

describe('warnings of prepare', () => {
  /** 1,200 sessions in six days; then, at day 20, one more. */
  const outlying = log('outlying', [...Array.from({ length: 1200 }, (_, at) => at * 0.12), 480]);

  it('name the outliers that make a split of days small, and the times', async () => {
    const { sessions, warnings } = await sizes({ inputs: [outlying], testDays: 1 });
    expect(sessions).toEqual([1200, undefined, 1]);
    expect(warnings).toEqual([
      `The last 0.1 % of the events reach 14.0 days beyond the others, which are from 2026-05-01T00:07:12.000Z to 2026-05-06T23:53:48.000Z. ` +
        'Days are counted from the last event: hold out a share, or from a date',
      expect.stringMatching(
        /^The test split has fewer than 1,000 predictions and less than 1 % of the events: 1, from 1 session of 2 events \(0\.08 %\)\. Hold out more, such as a tenth of the sessions$/,
      ),
    ]);
  });

  it('name outliers with keepMs, which is not counted from them', async () => {
    const { sessions, warnings } = await sizes({ inputs: [outlying], keepMs: 140 * hour });
    // 0.1 % of the ends are two: those of days 20 and 5.995. It counts from the third.
    expect(sessions).toEqual([1201 - 32, undefined, undefined]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/ reach 14\.0 days beyond .*Z$/);
  });

  it('name outliers before the others', async () => {
    const early = log('before', [-2000, ...Array.from({ length: 1200 }, (_, at) => at * 0.12)]);
    const { warnings } = await sizes({ inputs: [early] });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^The first 0\.1 % of the events begin 83\.3 days before the others, which are/,
    );
  });

  it('are none for a usual log and split', async () => {
    const usual = log(
      'usual',
      Array.from({ length: 4000 }, (_, at) => at * 0.05),
    );
    const { warnings } = await sizes({ inputs: [usual], testFraction: 0.3, validationFraction: 0.3 });
    expect(warnings).toEqual([]);
  });
});
