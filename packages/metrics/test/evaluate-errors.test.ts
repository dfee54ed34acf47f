import { describe, expect, it } from 'vitest';
import { evaluate } from '../src/evaluate.ts';
import type { EvaluateOptions } from '../src/options.ts';
import type { Protocol } from '../src/plan.ts';
import { constantScorer, historyScorer } from './scorers.ts';
import { toSessions } from './to-sessions.ts';

describe('evaluate', () => {
  const scorer = constantScorer([5, 4, 3, 2, 1]);

  it('names the scorer whose score is NaN, and closes it', () => {
    let closed = false;
    const broken = {
      name: 'broken',
      itemCount: 2,
      open: () => ({
        step: () => Float32Array.of(1, Number.NaN),
        close: () => {
          closed = true;
        },
      }),
    };
    expect(() => evaluate(broken, toSessions([[0, 1]]), { cutoffs: [1] })).toThrow(
      new RangeError(
        'evaluate: broken cannot be ranked after 0 predictions. ' +
          'rankOf: "scores" expected numbers, got NaN at item index 1.',
      ),
    );
    expect(closed).toBe(true);
  });

  it('refuses scores of another shape', () => {
    const short = { ...scorer, itemCount: 6 };
    expect(() => evaluate(short, toSessions([[0, 1]]), { cutoffs: [1] })).toThrow(
      new RangeError('evaluate: scores of constant expected 1 × 6 numbers, got 5.'),
    );
  });

  it('refuses bad bootstrap options before it scores', () => {
    const history = historyScorer(5);
    const options = { cutoffs: [1], bootstrap: { resamples: 0, seed: 1 } };
    expect(() => evaluate(history, toSessions([[0, 1]]), options)).toThrow(
      '"resamples" expected integer >= 1',
    );
    expect(history.fed.inputs).toEqual([]);
  });

  it('refuses items that the scorer does not know', () => {
    expect(() => evaluate(scorer, toSessions([[0, 5]]), { cutoffs: [1] })).toThrow(
      new RangeError(
        'evaluate: "items" expected integer in [0, 5) at index 1, got 5. ' +
          'Remove the events of unknown items.',
      ),
    );
  });

  it('refuses sessions without a prediction', () => {
    expect(() => evaluate(scorer, toSessions([[0], []]), { cutoffs: [1] })).toThrow(
      new RangeError('evaluate: "sessions" expected a session of two or more events, got none.'),
    );
  });

  it.each<[Protocol, Partial<EvaluateOptions>]>([
    ['next', { candidates: Int32Array.of(0, 2) }],
    ['remaining', {}],
  ])("names the item of a NaN score with protocol '%s'", (protocol, options) => {
    const broken = constantScorer([1, 1, Number.NaN]);
    const all = { cutoffs: [1], protocol, ...options };
    expect(() => evaluate(broken, toSessions([[1, 0]]), all)).toThrow(
      new RangeError(
        'evaluate: constant cannot be ranked after 0 predictions. ' +
          'rankOf: "scores" expected numbers, got NaN at item index 2.',
      ),
    );
  });

  it.each<[object, string]>([
    [{ protocol: 'first' }, `"protocol" expected next, last, remaining, got "first".`],
    [{ cutoffs: [0] }, '"cutoffs" expected array of one or more integers >= 1, got [0].'],
    [{ support: [1] }, '"support" expected 5 entries, one per item of constant, got 1.'],
    [
      { protocol: 'remaining', keepRanks: true },
      `"keepRanks" expected protocol 'next' or 'last', got 'remaining'. ` +
        'Its predictions have several targets and so no one rank.',
    ],
    [{ candidates: new Int32Array(0) }, '"candidates" expected one item at least, got none.'],
    [
      { candidates: Int32Array.of(1, 5) },
      '"candidates" expected integer in [0, 5) at index 1, got 5. Leave out items that constant does not know.',
    ],
    [{ candidates: Int32Array.of(3) }, '"candidates" expected a target among them, got none of 1.'],
    [{ warmUp: 2 }, '"sessions" expected a session of 3 or more events, got none.'],
  ])('refuses %o', (options, message) => {
    expect(() => evaluate(scorer, toSessions([[0, 1]]), { cutoffs: [1], ...options })).toThrow(
      new RangeError(`evaluate: ${message}`),
    );
  });

  it.each<[number[], string]>([
    [[1, 2], '0 at index 0, got 1'],
    [[0, 2, 1, 2], 'no decrease at index 2, got 1'],
    [[0, 1], 'items.length = 2 as its last entry, got 1'],
    [[], 'sessions + 1 entries, got []'],
  ])('refuses the offsets %j', (offsets, message) => {
    const sessions = { sessionOffsets: Int32Array.from(offsets), items: Int32Array.of(0, 1) };
    expect(() => evaluate(scorer, sessions, { cutoffs: [1] })).toThrow(
      new RangeError(`evaluate: "sessionOffsets" expected ${message}.`),
    );
  });
});
