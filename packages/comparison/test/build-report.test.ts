import { createBaseline } from '@gru4rec/baselines';
import { type Evaluation, evaluate, type SessionArrays } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import { findExamples } from '../src/build-report.ts';
import type { ContenderRuns } from '../src/run-contenders.ts';

const sessionItems = [[0, 1], [2], [3, 1, 2, 0, 4, 1, 3], [4, 4, 0], [1, 2, 3, 1], [5, 0]];

function sessionsOf(lists: readonly number[][]): SessionArrays {
  const sessionOffsets = Int32Array.from([0, ...lists.map((_, at) => lists.slice(0, at + 1).flat().length)]);
  return { sessionOffsets, items: Int32Array.from(lists.flat()) };
}

const sessions = sessionsOf(sessionItems);
const training = {
  itemIds: ['a', 'b', 'c', 'd', 'e', 'f'],
  support: Int32Array.of(5, 4, 3, 3, 2, 1),
  train: {
    ...sessionsOf([
      [0, 1, 2, 3],
      [0, 3, 1, 0],
      [2, 1, 0, 4, 5],
      [0, 2, 3, 1, 4],
    ]),
    sessionStartTimes: new Float64Array(4),
  },
};

function runsOf(name: 'pop' | 'sr' | 's-pop', more: object = {}): ContenderRuns {
  const scorer = createBaseline(name, training, {});
  const evaluation = evaluate(scorer, sessions, {
    cutoffs: [3, 20],
    tieRule: 'standard',
    keepRanks: true,
    ...more,
  });
  return { contender: {}, name, runs: [{ evaluation }] } as unknown as ContenderRuns;
}

const find = (contenders: readonly ContenderRuns[]) =>
  findExamples(contenders, {
    sessions,
    place: 1,
    readLabels: async () => (item) => training.itemIds[item] ?? '',
  });

const ranksOf = ({ runs }: ContenderRuns) => (runs[0]?.evaluation as Evaluation | undefined)?.ranks;

describe('findExamples', () => {
  it('finds the greatest differences of each session', async () => {
    const contenders = [runsOf('pop'), runsOf('sr'), runsOf('s-pop')];
    const found = await find(contenders);
    const named = (name = '') => contenders.find((contender) => contender.name === name);
    const mrr = (name = '') => named(name)?.runs[0]?.evaluation.results[1]?.mrr ?? 0;
    const order = ['pop', 'sr', 's-pop'].sort((a, b) => mrr(b) - mrr(a));
    expect([found?.first, found?.second]).toEqual(order.slice(0, 2));
    const [first, second] = order.map((name) => ranksOf(named(name) as ContenderRuns));
    const expected = [1, -1].flatMap((sign) => {
      const predictions = Array.from(first?.rank ?? [], (rank, at) => ({
        at,
        session: first?.session[at] ?? 0,
        gain: sign * (1 / rank - 1 / (second?.rank[at] ?? 1)),
      }));
      const sorted = predictions
        .filter(({ gain }) => gain > 0)
        .sort((x, y) => y.gain - x.gain || x.at - y.at);
      return sorted.filter(
        ({ session }, at) => sorted.findIndex((other) => other.session === session) === at,
      );
    });
    expect(expected.length).toBeGreaterThan(1);
    const kept = sessionItems.filter((items) => items.length > 1);
    expect(found?.predictions).toEqual(
      expected.map(({ at, session }) => {
        const seen = first?.position[at] ?? 0;
        const items = (kept[session] ?? []).map((item) => training.itemIds[item] ?? '');
        return {
          clicks: items.slice(Math.max(0, seen - 5), seen),
          earlier: Math.max(0, seen - 5),
          next: items[seen],
          ranks: [first?.rank[at], second?.rank[at]],
        };
      }),
    );
  });

  it('has no rank for a target that was excluded as seen', async () => {
    const [pop, sr] = [runsOf('pop', { excludeSeen: true }), runsOf('sr', { excludeSeen: false })];
    const ranks = (await find([pop, sr]))?.predictions.map((example) => example.ranks);
    expect(ranks).toContainEqual(expect.arrayContaining([null]));
  });

  it('finds none with one contender, or without ranks', async () => {
    expect(await find([runsOf('pop')])).toBeUndefined();
    expect(
      await find([runsOf('pop', { keepRanks: false }), runsOf('sr', { keepRanks: false })]),
    ).toBeUndefined();
  });
});
