import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import {
  arraysOfBaseline,
  type Baseline,
  baselineNames,
  baselineTitle,
  createBaseline,
  isSeeded,
  openBaseline,
  restoreBaseline,
  shareLearned,
} from '../src/create-baseline.ts';
import { stepWith } from './sessions.ts';

const data = {
  support: [3, 2, 1],
  train: {
    sessionOffsets: Int32Array.of(0, 3, 6),
    items: Int32Array.of(0, 1, 0, 1, 2, 0),
    sessionStartTimes: Float64Array.of(0, 1000),
  },
};

describe('createBaseline', () => {
  it.each([
    ['r-pop', { days: 2 }],
    ['sr', { steps: 2, weighting: 'linear', pruning: 5, repeats: false }],
    ['ar', { pruning: 5, repeats: false }],
    ['item-knn', { neighbours: 5, lambda: 1, alpha: 1 }],
    ['bpr-mf', { factors: 2, epochs: 1, learningRate: 0.1, regularisation: { session: 0 }, seed: 3 }],
    ['s-knn', { neighbours: 5, sampleSize: 5, indexSessions: 1, similarity: 'jaccard' }],
    ['v-sknn', { neighbours: 5, sampleSize: 5, decay: 'none', scoreDecay: 'linear', idfWeight: 1 }],
    ['stan', { neighbours: 5, sampleSize: 5, lambda1: 1, lambda2: 1, lambda3: 1 }],
    ['vstan', { neighbours: 5, sampleSize: 5, lambda1: 1, lambda2: 1, lambda3: 1, lambda4: 1, idfWeight: 1 }],
  ])('creates %s with all its options', (name, options) => {
    expect(createBaseline(name, data, options).itemCount).toBe(3);
  });

  it('reports the bytes of its arrays and of its session index', () => {
    const shares = 8 * 3;
    expect(createBaseline('pop', data)).toMatchObject({ bytes: shares });
    expect(createBaseline('pop', data)).not.toHaveProperty('index');
    // Three offsets, ages and last clicks of the second session, plus the weights of the items.
    const { bytes, index } = createBaseline('s-knn', data, { indexSessions: 1 });
    expect(index).toEqual({ sessions: 1, bytes: 4 * 2 + 8 + 10 * 3 + 4 * 4 + 8 * 3 });
    expect(bytes).toBe((index?.bytes ?? 0) + shares);
  });

  it('refuses an unknown name or option, and lists the known ones', () => {
    expect(() => createBaseline('knn', data)).toThrow(
      `createBaseline: "name" expected one of ${baselineNames.join(', ')}, got "knn".`,
    );
    expect(() => createBaseline('ar', data, { steps: 3 })).toThrow(
      'createBaseline: unknown option "steps". The options are pruning, repeats.',
    );
    expect(() => createBaseline('pop', data, { days: 3 })).toThrow(
      'createBaseline: unknown option "days". There are none.',
    );
  });
});

/** The scores after each click of a session. */
function scoresOf(scorer: Baseline): number[][] {
  const scoring = scorer.open(1);
  return [0, 2, 1].map((item, at) => stepWith(scoring, [item], [at === 0 ? 1 : 0]));
}

describe('isSeeded', () => {
  it('is true only of BPR-MF', () => {
    expect(baselineNames.filter(isSeeded)).toEqual(['bpr-mf']);
  });
});

describe('restoreBaseline', () => {
  it.each(baselineNames)('gives %s from its arrays, as in another thread, with the same scores', (name) => {
    const options = name === 'bpr-mf' ? { factors: 2, epochs: 1 } : {};
    const baseline = createBaseline(name, data, options);
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(shareLearned(baseline.from));
    const posted = openBaseline(receiveMessageOnPort(port2)?.message);
    port1.close();
    const restored = restoreBaseline(baseline.from, structuredClone(arraysOfBaseline(baseline)));
    for (const copy of [posted, restored]) {
      expect([copy.name, copy.itemCount, copy.bytes]).toEqual([baselineTitle(name), 3, baseline.bytes]);
      expect(scoresOf(copy)).toEqual(scoresOf(baseline));
    }
  });

  it('keeps a forged path of arrays away from other objects', () => {
    const forged = {
      'constructor.prototype.forged': new Int32Array(1),
      '__proto__.forged': new Int32Array(1),
    };
    restoreBaseline(
      { name: 'markov', options: {} },
      { ...arraysOfBaseline(createBaseline('markov', data)), ...forged },
    );
    expect({}).not.toHaveProperty('forged');
  });

  it('refuses a name or an option that this program does not have', () => {
    const arrays = arraysOfBaseline(createBaseline('s-knn', data));
    expect(() => restoreBaseline({ name: 'knn', options: {} }, arrays)).toThrow(
      'restoreBaseline: "name" expected one of pop, ',
    );
    expect(() => restoreBaseline({ name: 's-knn', options: { neighbour: 1 } }, arrays)).toThrow(
      '"neighbour"',
    );
  });
});
