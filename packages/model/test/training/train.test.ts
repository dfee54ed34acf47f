import { sliceSessions } from '@gru4rec/batcher';
import { evaluate } from '@gru4rec/metrics';
import { RandomStream } from '@gru4rec/random';
import { tinySessions } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { configDefaults, parseConfig } from '../../src/config.ts';
import { NonFiniteLossError } from '../../src/training/divergence.ts';
import type { EpochRecord } from '../../src/training/epoch-record.ts';
import { train } from '../../src/training/train.ts';
import {
  dataOf,
  engine,
  engines,
  inBlocks,
  tensorOf,
  timeless,
  tinyData,
  trainOn,
  trainTiny,
  trainWatched,
} from '../tiny-data.ts';

describe('train', () => {
  it.each([
    ['best without any hyper-parameter', {}, { preset: 'best' }],
    ['the defaults with any key', { nEpochs: 1 }, { ...configDefaults, nEpochs: 1 }],
  ] as const)('has the configuration of %s', async (_name, given, expected) => {
    const { config } = await train(tinyData(), given, { engine });
    expect(config).toEqual(parseConfig(expected));
  });

  it('lowers the loss and reports each epoch', async () => {
    const records: EpochRecord[] = [];
    const model = await trainTiny({ nEpochs: 5 }, { onEpoch: (r) => records.push(r) });
    expect(records.map((r) => r.epoch)).toEqual([1, 2, 3, 4, 5]);
    expect(records[4]?.loss).toBeLessThan(records[0]?.loss ?? 0);
    const pairs = tinyData().train.items.length - 40;
    expect(records.every((r) => r.events === pairs && r.steps > 0 && r.eventsPerSecond > 0)).toBe(true);
    expect(model.history).toEqual(records);
  });

  it('trains sessions by time, as stored or shuffled', async () => {
    const data = tinyData();
    const sessionStartTimes = data.train.sessionStartTimes.slice().reverse();
    const losses = ['time', 'stored', 'shuffled'].map(async (sessionOrder) => {
      const reversed = { ...data, train: { ...data.train, sessionStartTimes } };
      return (await trainOn(reversed, { sessionOrder })).history.at(-1)?.loss;
    });
    expect(new Set(await Promise.all(losses)).size).toBe(3);
  });

  it('gives the same bits for the same seed and others for another', async () => {
    const [first, again, other] = await Promise.all([
      trainTiny({ seed: 5 }),
      trainTiny({ seed: 5 }),
      trainTiny({ seed: 6 }),
    ]);
    expect(again.tensors).toEqual(first.tensors);
    expect(other.tensors).not.toEqual(first.tensors);
  });

  it('stops at a loss that is not finite, naming epoch, step and the last finite loss', async () => {
    const run = trainTiny({ loss: 'bpr-max', finalAct: 'linear', learningRate: 1e30, bpreg: 100 });
    await expect(run).rejects.toThrow(NonFiniteLossError);
    await expect(run).rejects.toThrow(
      /became (NaN|Infinity) in epoch 1, step \d+; the last finite one was \d/,
    );
  });

  const twice = [...tinyData().itemIds.slice(0, -1), tinyData().itemIds[0] as string];
  it.each([
    [dataOf(['a'], [['a']]), {}, 'train: expected sessions of two or more events, got none'],
    [
      dataOf(['a', 'b'], [[...'aba']]),
      { nSample: 0 },
      'train: expected two or more sessions of two or more events, as nSample is 0, got fewer',
    ],
    [
      { ...tinyData(), support: Int32Array.of(1, 2) },
      {},
      'train: "support" expected 30 entries, one per item id, got 2',
    ],
    [{ ...tinyData(), itemIds: twice }, {}, `expected unique ids, got "${twice[0]}" twice, at index 29`],
  ])('refuses data that cannot be trained on (%#)', async (wrong, values, message) => {
    await expect(trainOn(wrong, values)).rejects.toThrow(message);
  });

  it('refuses parameters that the last step made infinite', async () => {
    const data = dataOf(['a', 'b'], [['a', 'b']]);
    await expect(trainOn(data, { nEpochs: 1, learningRate: 1e39 })).rejects.toThrow(
      /^train: "\w.*" holds (NaN|-?Infinity) in row \d+ at the end of epoch 1, and no loss has shown it/,
    );
  });
});

const { itemIds, support, ...sessions } = tinySessions({ sessions: 200, items: 30, seed: 4 });
const data = { itemIds, support, train: sessions };
const values = {
  holdOut: 0.2,
  patience: 2,
  nEpochs: 6,
  layers: [6],
  parts: ['network', 'repeats', 'co-occurrences'],
  repeatLength: 3,
};

describe('train with holdOut', () => {
  it('keeps the best epoch, stops, and learns the held-out sessions once', async () => {
    const { history } = await trainOn(data, { ...values, learningRate: 0.5 });
    const epochs = history.slice(0, -1);
    const recalls = epochs.map(({ validation }) => Number(validation?.recall));
    const best = recalls.indexOf(Math.max(...recalls));
    expect(epochs.findIndex(({ kept }) => kept)).toBe(best);
    expect(epochs).toHaveLength(Math.min(6, best + 1 + 2));
    expect(history.map(({ heldOut = false }) => heldOut)).toEqual([...epochs.map(() => false), true]);
    const fed = (record: (typeof history)[number] | undefined) => Number(record?.events);
    const pairs = data.train.items.length - 200;
    expect(fed(history[0]) + fed(history.at(-1))).toBe(pairs);
  });

  it('is two runs: one on the earlier sessions, and one more epoch on the latest', async () => {
    const part = (first: number, end: number) => {
      const sessionStartTimes = sessions.sessionStartTimes.slice(first, end);
      return { ...sliceSessions(sessions, first, end), sessionStartTimes };
    };
    const [earlier, latest] = [part(0, 160), part(160, 200)];
    const plain = { ...values, holdOut: 0, parts: ['network'] };
    const first = await trainOn({ ...data, train: earlier }, plain, { validation: latest });
    const second = { ...plain, nEpochs: 1, patience: 0 };
    const expected = await trainOn({ ...data, train: latest }, second, { from: first });
    const model = await trainOn(data, { ...plain, holdOut: 0.2 });
    expect(model.tensors).toEqual(expected.tensors);
  });

  it.each([
    ['a repeat bias', {}],
    ['averaged parameters, linear decay', { averageDecay: 0.5, learningRateDecay: 'linear' }],
    ['no patience, shuffled sessions', { patience: 0, nEpochs: 2, sessionOrder: 'shuffled' }],
  ])('ends with the bits of an uninterrupted run, wherever it is resumed: %s', async (_name, more) => {
    const config = { ...values, nEpochs: 3, ...more };
    const { model: whole, snapshots } = await trainWatched(data, config);
    const inPass = snapshots.findIndex(({ before }) => before.epochs > 0);
    expect(inPass).toBeGreaterThan(0);
    for (const place of [inPass - 1, inPass]) {
      const resumed = await trainOn(data, config, { resume: snapshots[place] });
      expect(resumed.tensors).toEqual(whole.tensors);
      expect(timeless(resumed.history)).toEqual(timeless(whole.history));
    }
    const changed = trainOn(data, { ...config, nEpochs: 9 }, { resume: snapshots[inPass] });
    await expect(changed).rejects.toThrow('"resume" expected nEpochs');
  });

  it.each(['time', 'shuffled'])('gives the same bits from memory and from disk: %s', async (sessionOrder) => {
    const { inMemory, onDisk } = inBlocks(data, 37);
    const config = { ...values, nEpochs: 2, sessionOrder };
    const one = await trainOn(inMemory, config);
    const other = await trainOn(onDisk, config);
    expect(other.tensors).toEqual(one.tensors);
    expect(timeless(other.history)).toEqual(timeless(one.history));
  });

  it('holds out nothing where there is a validation split', async () => {
    const validation = tinyData(9).train;
    const model = await trainOn(data, values, { validation });
    expect(model.history.some(({ heldOut }) => heldOut)).toBe(false);
    const without = await trainOn(data, { ...values, holdOut: 0 }, { validation });
    expect(model.tensors).toEqual(without.tensors);
  });

  it('trains on all sessions and all epochs if those held out were too few, and says so', async () => {
    const warnings: string[] = [];
    const few = { ...values, holdOut: 0.02, nEpochs: 3 };
    const model = await trainTiny(few, { onWarning: (text) => warnings.push(text) });
    expect(warnings).toEqual([
      'holdOut 0.02 of the sessions are too few to measure on: training takes all sessions and all 3 epochs',
    ]);
    const none = await trainTiny({ nEpochs: 3, layers: [6] });
    const isBias = ({ name }: { readonly name: string }) => /^(repeats|co-occurrences)\.weights/.test(name);
    expect(model.tensors.filter((tensor) => !isBias(tensor))).toEqual(none.tensors);
    expect(model.tensors.filter(isBias).map(({ name, values }) => [name, ...new Set(values)])).toEqual([
      ['repeats.weights', 0],
      ['co-occurrences.weights', 0],
    ]);
  });
});

describe('train with sparse parts', () => {
  /** Sessions that come back to one of their last items in half of their clicks. */
  const repeating = ({ train: sessions } = data): typeof data => {
    const items = sessions.items.slice();
    for (const [s, start] of sessions.sessionOffsets.entries()) {
      for (let at = start + 2; at < Number(sessions.sessionOffsets[s + 1]); at += 2) {
        items[at] = Number(items[at - 2]);
      }
    }
    return { ...data, train: { ...sessions, items } };
  };

  it.each(engines)('fits weights that help on sessions it has not seen: %s', async (_name, on) => {
    const config = { ...values, nEpochs: 2, patience: 0 };
    const options = { engine: on, validation: repeating(tinyData()).train };
    const auto = await trainOn(repeating(), config, options);
    const none = await trainOn(repeating(), { ...config, parts: ['network'] }, options);
    expect(tensorOf(auto, 'repeats.weights')[1]).toBeGreaterThan(0.1);
    expect(auto.tensors.filter(({ name }) => !/^(repeats|co-occurrences)/.test(name))).toEqual(none.tensors);
    const [mrr, without] = [auto, none].map(
      (model) => evaluate(model.scorer(), repeating().train, { cutoffs: [20] }).results[0]?.mrr,
    );
    expect(mrr).toBeGreaterThan(Number(without));
  });

  /** Sessions of different items, whose last click repeats the one before it in the first 85 % of the sessions. */
  const endingTwice = (sessions: number) => {
    const random = new RandomStream(6, 'test.ends');
    const lists = Array.from({ length: sessions }, (_, session) => {
      const distinct = new Set<string>();
      const repeats = session < 0.85 * sessions;
      while (distinct.size < (repeats ? 8 : 9))
        distinct.add(itemIds[random.nextBelow(itemIds.length)] as string);
      return repeats ? [...distinct, [...distinct].at(-1) as string] : [...distinct];
    });
    return dataOf([...itemIds], lists);
  };

  it.each([
    ['fewer than 300 sessions are held out', 130, true],
    ['the held-out sessions are too few to measure on', 110, false],
  ])('fits to the last clicks of the other sessions where %s', async (_name, sessions, isMeasured) => {
    const warnings: string[] = [];
    const config = { ...values, nEpochs: 1, patience: 0, holdOut: isMeasured ? 0.15 : 0.02 };
    const log = endingTwice(sessions);
    const model = await trainOn(log, config, { onWarning: (text) => warnings.push(text) });
    expect(warnings.some((text) => text.includes('too few to measure on'))).toBe(!isMeasured);
    expect(tensorOf(model, 'repeats.weights')[0]).toBeGreaterThan(1);
    const [first, pass] = model.history;
    expect(pass?.heldOut).toBe(true);
    expect(Number(first?.events) + Number(pass?.events)).toBe(log.train.items.length - sessions);
    const { results } = evaluate(model.scorer(), log.train, { cutoffs: [1], protocol: 'last' });
    expect(results[0]?.recall).toBeGreaterThan(0.8);
  });

  it('keeps its weights where it goes on with few sessions', async () => {
    const config = { ...values, nEpochs: 1, patience: 0, holdOut: 0.02 };
    const from = await trainOn(endingTwice(150), config);
    const further = await trainOn(data, config, { from });
    expect(tensorOf(further, 'repeats.weights')).toEqual(tensorOf(from, 'repeats.weights'));
  });

  it('fits anew in a continued run that holds out nothing', async () => {
    const from = await trainOn(repeating(), { ...values, nEpochs: 1 });
    const validation = data.train;
    const config = { ...values, holdOut: 0, patience: 0, nEpochs: 1 };
    await expect(trainOn(data, config, { from })).rejects.toThrow(
      '"validation" expected held-out sessions with the parts repeats, co-occurrences, got none',
    );
    const further = await trainOn(data, config, { from, validation });
    expect(tensorOf(further, 'repeats.weights')).not.toEqual(tensorOf(from, 'repeats.weights'));
    expect(further.history).toHaveLength(from.history.length + 1);
  });
});
