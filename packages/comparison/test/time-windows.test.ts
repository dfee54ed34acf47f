import type { SessionDataset, SessionTable } from '@gru4rec/dataset';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { describe, expect, it } from 'vitest';
import { timeWindows } from '../src/time-windows.ts';

const DAY = 86_400_000;

/** Sessions of two clicks a minute apart, one per day from a day on, of the given items. */
function table(from: number, sessions: readonly (readonly number[])[]): SessionTable {
  const starts = sessions.map((_, at) => (from + at) * DAY);
  return {
    sessionIds: sessions.map((_, at) => `day ${from + at}`),
    sessionOffsets: Int32Array.from([0, ...sessions.map((_, at) => sessions.slice(0, at + 1).flat().length)]),
    items: Int32Array.from(sessions.flat()),
    times: BigInt64Array.from(
      sessions.flatMap((items, at) => items.map((_, click) => BigInt((starts[at] ?? 0) + click * 60_000))),
    ),
    sessionStartTimes: Float64Array.from(starts),
  };
}

const ids = ['a', 'b', 'c', 'd'];
/** Sessions of the items with these ids. */
const indicesOf = (text: string) =>
  text.split(' ').map((items) => Array.from(items, (id) => ids.indexOf(id)));
const dataset = (
  train: readonly (readonly number[])[],
  test: readonly (readonly number[])[],
  validation?: readonly (readonly number[])[],
) => {
  const validated = validation && { validation: table(train.length, validation) };
  return {
    ...{ directory: 'made', manifest: {} as SessionDataset['manifest'], itemIds: ItemIdTable.from(ids) },
    ...{ support: new Int32Array(4), train: table(0, train), ...validated },
    test: table(train.length + (validation?.length ?? 0), test),
  };
};
/** Item ids of each session of a split. */
const sessionsOf = ({ itemIds }: SessionDataset, split: SessionTable | undefined) =>
  (split?.sessionIds ?? []).map((id, at) => {
    const [start, end] = [split?.sessionOffsets[at], split?.sessionOffsets[at + 1]];
    return `${id}: ${Array.from(split?.items.subarray(start, end) ?? [], (item) => itemIds.at(item)).join('')}`;
  });
const splits = (found: SessionDataset) =>
  (['train', 'validation', 'test'] as const).map((name) => sessionsOf(found, found[name]));

describe('timeWindows', () => {
  const days = indicesOf('bd db dba cbd bc acb bc');
  const tests = indicesOf('cb ab');

  it('splits each window by time, with the items of its training only', () => {
    const found = timeWindows(dataset(days, tests), 2, 'data').map((window) => window.dataset);
    expect(found.map(splits)).toEqual([
      [['day 0: bd', 'day 1: db', 'day 2: dba'], [], ['day 3: bd']],
      [['day 4: bc', 'day 5: acb', 'day 6: bc'], [], ['day 7: cb', 'day 8: ab']],
    ]);
    expect(found.map(({ itemIds, support }) => [[...itemIds].join(''), ...support])).toEqual([
      ['abd', 1, 3, 3],
      ['abc', 1, 3, 3],
    ]);
  });

  it('ends with the splits of the dataset, validation included', () => {
    const many = Array.from({ length: 10 }, () => [0, 1]);
    const whole = dataset(many, indicesOf('ba ba'), indicesOf('ab'));
    const [first, second] = timeWindows(whole, 2, 'data').map((window) => splits(window.dataset));
    expect(second?.slice(1)).toEqual([['day 10: ab'], ['day 11: ba', 'day 12: ba']]);
    expect(first?.slice(1)).toEqual([['day 4: ab'], ['day 5: ab']]);
  });

  it.each([
    [21, days, '--windows expected an integer from 2 to 20, got 21'],
    [
      9,
      days,
      '--windows 9 expected windows longer than the test and validation splits of data (1.0 days), got 0.9 days. Use fewer windows',
    ],
    [
      2,
      days.with(3, [2, 1]),
      '--windows: window 1 of 2 has no test session of two known clicks. Use fewer windows',
    ],
  ])('refuses %d windows in one line', (count, train, message) => {
    expect(() => timeWindows(dataset(train, tests), count, 'data')).toThrow(message);
  });
});
