import { distinctItems } from '@gru4rec/batcher';
import { RandomStream } from '@gru4rec/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BprFactors,
  type BprRates,
  type BprTriple,
  BprTriples,
  descend,
  learnFactors,
} from '../src/bpr-mf.ts';
import { createBaseline } from '../src/create-baseline.ts';
import { someSessions, stepWith, toData } from './sessions.ts';
import { expectScores } from './timed-sessions.ts';

function triplesOf(sessions: readonly (readonly number[])[], itemCount: number, seed = 1): BprTriples {
  const { sessionOffsets, items } = toData(itemCount, ...sessions).train;
  return new BprTriples(
    distinctItems(sessionOffsets, items, itemCount),
    itemCount,
    new RandomStream(seed, 'test'),
  );
}

describe('BprTriples', () => {
  it('draws an item of the session and one outside it', () => {
    fc.assert(
      fc.property(someSessions, fc.nat(), (sessions, seed) => {
        const triples = triplesOf(sessions, 8, seed);
        for (let draw = 0; draw < 20; draw++) {
          const { session, item, negative } = triples.draw();
          expect(sessions[session]).toContain(item);
          expect(sessions[session]).not.toContain(negative);
        }
      }),
      { seed: 1 },
    );
  });

  it('draws every pair of session and item, and every item outside it, equally often', () => {
    const triples = triplesOf([[0, 1, 1, 0, 1], [2]], 4);
    const draws = 30_000;
    const counts = new Map<string, number>();
    for (let draw = 0; draw < draws; draw++) {
      const { session, item, negative } = triples.draw();
      const key = `${session} ${item} ${negative}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const key of ['0 0 2', '0 0 3', '0 1 2', '0 1 3']) {
      expect((counts.get(key) ?? 0) / draws).toBeCloseTo(1 / 3 / 2, 1.7);
    }
    for (const key of ['1 2 0', '1 2 1', '1 2 3']) {
      expect((counts.get(key) ?? 0) / draws).toBeCloseTo(1 / 3 / 3, 1.7);
    }
    expect(counts.size).toBe(2 * 2 + 3);
  });
});

/** −ln σ(x̂_uij) plus the regularisation of the triple. */
function lossOf(
  { factors, sessions, items, biases }: BprFactors,
  triple: BprTriple,
  rates: BprRates,
): number {
  const rowOf = (from: Float32Array, row: number): number[] => [
    ...from.subarray(row * factors, (row + 1) * factors),
  ];
  const w = rowOf(sessions, triple.session);
  const h = [...rowOf(items, triple.item), biases[triple.item]];
  const n = [...rowOf(items, triple.negative), biases[triple.negative]];
  const difference = [...w, 1].reduce((sum, value, k) => sum + value * (h[k] - n[k]), 0);
  const squares = (values: readonly number[]): number => values.reduce((sum, value) => sum + value ** 2, 0);
  const { session, positive, negative } = rates.regularisation;
  const penalty = session * squares(w) + positive * squares(h) + negative * squares(n);
  return Math.log1p(Math.exp(-difference)) + penalty / 2;
}

describe('descend', () => {
  it('follows the gradient of the loss, checked by finite differences', () => {
    const values = (length: number): fc.Arbitrary<Float32Array> =>
      fc
        .array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: length, maxLength: length })
        .map((drawn) => Float32Array.from(drawn));
    const triple = { session: 1, item: 2, negative: 0 };
    const rates = { learningRate: 1, regularisation: { session: 0.3, positive: 0.2, negative: 0.1 } };
    fc.assert(
      fc.property(values(4), values(6), values(3), (sessions, items, biases) => {
        const before = { factors: 2, sessions, items, biases };
        const after = {
          factors: 2,
          sessions: sessions.slice(),
          items: items.slice(),
          biases: biases.slice(),
        };
        descend(after, triple, rates);
        for (const name of ['sessions', 'items', 'biases'] as const) {
          for (let at = 0; at < before[name].length; at++) {
            const lossAt = (value: number): number => {
              const moved = { ...before, [name]: before[name].slice() };
              moved[name][at] = value;
              return lossOf(moved, triple, rates);
            };
            // Both ends, rounded to float32.
            const [low, high] = [Math.fround(before[name][at] - 1e-2), Math.fround(before[name][at] + 1e-2)];
            const slope = (lossAt(high) - lossAt(low)) / (high - low);
            expect(after[name][at] - before[name][at]).toBeCloseTo(-slope, 3);
          }
        }
      }),
      { seed: 1 },
    );
  });
});

/** The same descent over arrays of arrays, with its own draws of triples. */
function naiveFactors(
  sessions: readonly (readonly number[])[],
  itemCount: number,
  factors: number,
  epochs: number,
): { sessions: number[]; items: number[] } {
  const initialize = new RandomStream(5, 'baselines.bpr-mf.initialize');
  const draw = new RandomStream(5, 'baselines.bpr-mf.triples');
  const vector = (): number[] => Array.from({ length: factors }, () => 0.1 * initialize.nextNormal());
  const w = sessions.map(vector);
  const h = Array.from({ length: itemCount }, vector);
  const b = Array.from({ length: itemCount }, () => 0);
  const pairs = sessions.flatMap((clicked, session) => {
    const different = [...new Set(clicked)];
    return different.length === itemCount ? [] : different.map((item) => [session, item]);
  });
  for (let step = 0; step < epochs * pairs.length; step++) {
    const [u, i] = pairs[draw.nextBelow(pairs.length)];
    let j = draw.nextBelow(itemCount);
    while (sessions[u].includes(j)) j = draw.nextBelow(itemCount);
    const difference = b[i] - b[j] + w[u].reduce((sum, value, k) => sum + value * (h[i][k] - h[j][k]), 0);
    const slope = 1 - 1 / (1 + Math.exp(-difference));
    const [oldW, oldI, oldJ] = [w[u], h[i], h[j]];
    w[u] = oldW.map((value, k) => value + 0.05 * (slope * (oldI[k] - oldJ[k]) - 0.0025 * value));
    h[i] = oldI.map((value, k) => value + 0.05 * (slope * oldW[k] - 0.0025 * value));
    h[j] = oldJ.map((value, k) => value + 0.05 * (slope * -oldW[k] - 0.00025 * value));
    b[i] += 0.05 * (slope - 0.0025 * b[i]);
    b[j] += 0.05 * (-slope - 0.00025 * b[j]);
  }
  return { sessions: w.flat(), items: h.flat() };
}

describe('learnFactors', () => {
  const data = toData(6, [0, 1, 2], [2, 1, 0, 1], [3, 4], [4, 5, 3], [5, 3]);

  it('agrees with a naive descent with the published rates', () => {
    fc.assert(
      fc.property(someSessions, (drawn) => {
        const learned = learnFactors(toData(8, ...drawn), { factors: 3, epochs: 4, seed: 5 });
        const expected = naiveFactors(drawn, 8, 3, 4);
        for (const name of ['sessions', 'items'] as const) {
          expectScores([...learned[name]], expected[name], 5);
        }
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it('uses 100 factors, 100 epochs, the rates of MyMediaLite and seed 1 by default', () => {
    const learned = learnFactors(data);
    expect(learned).toEqual(
      learnFactors(data, {
        factors: 100,
        epochs: 100,
        learningRate: 0.05,
        regularisation: { session: 0.0025, positive: 0.0025, negative: 0.00025 },
        seed: 1,
      }),
    );
    expect([learned.sessions.length, learned.items.length, learned.biases.length]).toEqual([500, 600, 6]);
  });

  it.each([
    [{ epochs: 2 }],
    [{ learningRate: 0.1 }],
    [{ regularisation: { session: 0.5 } }],
    [{ regularisation: { positive: 0.5 } }],
    [{ regularisation: { negative: 0.5 } }],
    [{ seed: 2 }],
  ])('uses %j', (option) => {
    const options = { factors: 2, epochs: 1 };
    expect(learnFactors(data, { ...options, ...option })).not.toEqual(learnFactors(data, options));
  });

  it('learns nothing if every session contains every item', () => {
    const all = toData(2, [0, 1], [1, 0]);
    expect(learnFactors(all, { epochs: 1 })).toEqual(learnFactors(all, { epochs: 9 }));
  });

  const rates = '"regularisation" expected { session, positive, negative }, each a finite number >= 0';
  it.each([
    [{ factors: 0 }, '"factors" expected integer >= 1, got 0.'],
    [{ regularisation: { session: -1 } }, `${rates}, got {"session":-1}.`],
    [{ regularisation: 0.1 }, `${rates}, got 0.1.`],
    [
      { learningRate: 1e30 },
      '"learningRate" expected a rate that keeps the factors finite, got 1e+30, infinite after epoch 1. Lower it.',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => createBaseline('bpr-mf', data, options)).toThrow(
      new RangeError(`createBaseline: ${message}`),
    );
  });
});

describe('bprMf', () => {
  const data = toData(6, [0, 1, 2], [2, 1, 0, 1], [0, 2], [3, 4], [4, 5, 3], [5, 3]);
  const options = { factors: 4, epochs: 100 };
  const scorer = createBaseline('bpr-mf', data, options);

  /** b_i + h_i · (mean factors of the clicks). */
  function expectedRow(clicks: readonly number[]): number[] {
    const { items, biases } = learnFactors(data, options);
    const h = (item: number): number[] => [...items.subarray(item * 4, item * 4 + 4)];
    const mean = [0, 1, 2, 3].map((k) => clicks.reduce((sum, item) => sum + h(item)[k], 0) / clicks.length);
    return [...biases].map((bias, item) => h(item).reduce((sum, value, k) => sum + value * mean[k], bias));
  }

  it('scores by the bias and the product with the mean factors of the clicks', () => {
    expect([scorer.name, scorer.itemCount]).toEqual(['BPR-MF', 6]);
    const session = scorer.open(1);
    expectScores(stepWith(session, [0], [1]), expectedRow([0]), 10);
    expectScores(stepWith(session, [3], [0]), expectedRow([0, 3]), 10);
    expectScores(stepWith(session, [3], [0]), expectedRow([0, 3, 3]), 10);
    expectScores(stepWith(session, [4], [1]), expectedRow([4]), 10);
  });
});
