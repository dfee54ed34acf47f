import type { SessionDataset } from '@gru4rec/sessions';
import { describe, expect, it } from 'vitest';
import { siteSessions } from '../../src/playground/site-sessions.ts';

/** A dataset of sessions of item ids, a second after each other. */
function datasetOf(train: readonly string[][], test?: readonly string[][]): SessionDataset {
  const itemIds = [...new Set([...train, ...(test ?? [])].flat())];
  const split = (lists: readonly string[][]) => ({
    sessionIds: lists.map((_, n) => `${n}`),
    sessionOffsets: Int32Array.from([0, ...lists.map((_, n) => lists.slice(0, n + 1).flat().length)]),
    items: Int32Array.from(lists.flat(), (id) => itemIds.indexOf(id)),
    sessionStartTimes: Float64Array.from(lists, (_, n) => 1000 * n),
    times: new BigInt64Array(lists.flat().length),
  });
  const support = new Int32Array(itemIds.length);
  const rest = { directory: '', manifest: {} as SessionDataset['manifest'], itemIds, support };
  return { ...rest, train: split(train), ...(test && { test: split(test) }) };
}

/** Sessions of a result as ids. */
function idsOf(ids: readonly string[], split: { sessionOffsets: Int32Array; items: Int32Array } | undefined) {
  if (!split) return undefined;
  const { sessionOffsets, items } = split;
  return Array.from(sessionOffsets.subarray(1), (end, n) =>
    Array.from(items.subarray(sessionOffsets[n], end), (item) => ids[item]),
  );
}

describe('siteSessions', () => {
  const model = ['c', 'b', 'a'];

  it('numbers items as the model does, and leaves out what it does not know', () => {
    const dataset = datasetOf(
      [
        ['a', 'b'],
        ['a', 'x', 'c'],
        ['x', 'a', 'y'],
      ],
      [['x', 'b', 'c']],
    );
    const { train, test, validation } = siteSessions(model, dataset, 10);
    expect(idsOf(model, train)).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ]);
    expect([...train.sessionStartTimes]).toEqual([0, 1000]);
    expect(idsOf(model, test)).toEqual([['b', 'c']]);
    expect(validation).toBeUndefined();
  });

  it('keeps the latest training sessions', () => {
    const dataset = datasetOf([
      ['a', 'b'],
      ['b', 'c', 'a'],
      ['c', 'a'],
    ]);
    const { train } = siteSessions(model, dataset, 2);
    expect(idsOf(model, train)).toEqual([
      ['b', 'c', 'a'],
      ['c', 'a'],
    ]);
    expect([...train.sessionStartTimes]).toEqual([1000, 2000]);
  });

  it('has no split without a session, and refuses a dataset of other items', () => {
    expect(siteSessions(model, datasetOf([['a', 'b']], [['x', 'y']]), 5).test).toBeUndefined();
    expect(() => siteSessions(model, datasetOf([['x', 'y']]), 5)).toThrow(
      '--data expected sessions with items of the model',
    );
  });
});
