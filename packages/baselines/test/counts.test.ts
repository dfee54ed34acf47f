import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBaseline } from '../src/create-baseline.ts';
import { someSessions, toData } from './sessions.ts';
import { expectScores, scoresAfter, someSession } from './timed-sessions.ts';

type Sessions = readonly (readonly number[])[];

const ITEMS = 8;
const NAMES = [
  ...['together', 'after', 'before', 'afterLast', 'reached'],
  ...['clicked', 'clickedLast', 'place', 'clicks', 'meanClicks', 'support'],
];

const distinct = (items: readonly number[]): number[] => [...new Set(items)];
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const countOf = (items: readonly number[], item: number): number =>
  items.filter((other) => other === item).length;

/** How much the sessions with both items count, over √((n_i + 3)(n_j + 3)). */
function together(sessions: Sessions, i: number, j: number): number {
  const weightOf = (...wanted: number[]): number =>
    sum(
      sessions
        .filter((session) => wanted.every((item) => session.includes(item)))
        .map((session) => 1 / Math.sqrt(Math.max(1, distinct(session).length - 1))),
    );
  return weightOf(i, j) / Math.sqrt((weightOf(i) + 3) * (weightOf(j) + 3));
}

/** The share of j among what is `step` events after i and another item, with 3 more of them. */
function directed(sessions: Sessions, step: 1 | -1, i: number, j: number): number {
  const others = sessions.flatMap((session) =>
    session.filter((item, at) => session[at - step] === i && item !== i),
  );
  return countOf(others, j) / (others.length + 3);
}

/** The features of each item by the definition. */
function naiveFeatures(sessions: Sessions, clicks: readonly number[]): number[][] {
  const history = distinct(clicks.toReversed());
  const logs = history.map((item) => Math.log(countOf(clicks, item)));
  return Array.from({ length: ITEMS }, (_, item) => {
    const support = Math.log1p(countOf(sessions.flat(), item));
    const k = history.indexOf(item);
    if (k >= 0) {
      const own = [1, Number(k === 0), Math.log1p(k), logs[k], sum(logs) / logs.length];
      return [0, 0, 0, 0, 0, ...own, support];
    }
    const over = (table: (i: number) => number): number =>
      sum(history.map((i, place) => 0.8 ** place * table(i)));
    const t = over((i) => together(sessions, i, item));
    const f = over((i) => directed(sessions, 1, i, item));
    const b = over((i) => directed(sessions, -1, i, item));
    const reached = Number(t + f + b > 0);
    const tables = [t / 0.02, f / 0.01, b / 0.01, directed(sessions, 1, history[0], item) / 0.01];
    return [...tables.map(Math.log1p), reached, 0, 0, 0, 0, 0, support];
  });
}

const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((value, at) => value * b[at]));

function weightsOf(sessions: Sessions): number[] {
  const { learned } = createBaseline('counts', toData(ITEMS, ...sessions)).from;
  return [...(learned as { readonly weights: Float64Array }).weights];
}

/** Weights of a log with nothing to fit to. */
const prior = weightsOf([[0]]);

describe('counts', () => {
  it('scores by tables of all sessions, counted in loops', () => {
    fc.assert(
      fc.property(someSessions, someSession, (sessions, clicks) => {
        const weights = weightsOf(sessions);
        const scores = scoresAfter(createBaseline('counts', toData(ITEMS, ...sessions)), clicks);
        expectScores(
          scores,
          naiveFeatures(sessions, clicks).map((row) => dot(weights, row)),
          4,
        );
      }),
      { seed: 1 },
    );
  });

  it('fits the weights to the last clicks, with tables that lack them', () => {
    fc.assert(
      fc.property(someSessions, (sessions) => {
        const fitted = sessions.filter(({ length }) => length > 1);
        const rest = sessions.map((session) => (session.length > 1 ? session.slice(0, -1) : session));
        const rows = fitted.map((session) => naiveFeatures(rest, session.slice(0, -1)));
        const lossAt = (weights: readonly number[]): number => {
          const losses = fitted.map((session, at) => {
            const logits = rows[at].map((row) => dot(weights, row));
            return Math.log(sum(logits.map(Math.exp))) - logits[session.at(-1) ?? 0];
          });
          return sum(losses) + sum(weights.map((weight, at) => (weight - prior[at]) ** 2 / 2));
        };
        const weights = weightsOf(sessions);
        for (const [k, name] of NAMES.entries()) {
          const moved = (by: number): number[] =>
            weights.map((weight, at) => (at === k ? weight + by : weight));
          expect((lossAt(moved(1e-4)) - lossAt(moved(-1e-4))) / 2e-4, name).toBeCloseTo(0, 3);
        }
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it('learns which direction counts', () => {
    const chains = Array.from({ length: 60 }, (_, at) => [0, 1, 2].map((step) => (at + step) % ITEMS));
    const scores = scoresAfter(createBaseline('counts', toData(ITEMS, ...chains)), [3]);
    expect(scores.indexOf(Math.max(...scores))).toBe(4);
    expect(weightsOf(chains)[NAMES.indexOf('afterLast')]).toBeGreaterThan(prior[NAMES.indexOf('afterLast')]);
  });
});
