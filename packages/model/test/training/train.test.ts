import { createWasmEngine } from '@gru4rec/engine-wasm';
import { evaluate } from '@gru4rec/metrics';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { tinySessions } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { configDefaults, parseConfig } from '../../src/config.ts';
import { NonFiniteLossError } from '../../src/training/divergence.ts';
import type { EpochRecord } from '../../src/training/epoch-record.ts';
import { train } from '../../src/training/train.ts';
import type { SessionsInMemory, TrainingData } from '../../src/training/training-data.ts';
import type { TrainingSnapshot } from '../../src/training/training-snapshot.ts';
import { dataOf, inBlocks, timeless, tinyConfig, tinyData, trainWatched } from '../tiny-data.ts';

const engine = createWasmEngine({ threads: 1 });

describe('train', () => {
  it.each([
    ['best without any hyper-parameter', {}, { preset: 'best' }],
    ['best with a key that is undefined', { seed: undefined }, { preset: 'best' }],
    ['the defaults with any key', { nEpochs: 1 }, { ...configDefaults, nEpochs: 1 }],
  ] as const)('has the configuration of %s', async (_name, given, expected) => {
    const { config } = await train(tinyData(), given, { engine });
    expect(config).toEqual(parseConfig(expected));
  });

  it('lowers the loss and reports each epoch', async () => {
    const records: EpochRecord[] = [];
    const config = tinyConfig({ nEpochs: 5 });
    const model = await train(tinyData(), config, { engine, onEpoch: (r) => records.push(r) });
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
      return (await train(reversed, tinyConfig({ sessionOrder }), { engine })).history.at(-1)?.loss;
    });
    expect(new Set(await Promise.all(losses)).size).toBe(3);
  });

  it('gives the same bits for the same seed and others for another', async () => {
    const [first, again, other] = await Promise.all([
      train(tinyData(), tinyConfig({ seed: 5 }), { engine }),
      train(tinyData(), tinyConfig({ seed: 5 }), { engine }),
      train(tinyData(), tinyConfig({ seed: 6 }), { engine }),
    ]);
    expect(again.tensors).toEqual(first.tensors);
    expect(other.tensors).not.toEqual(first.tensors);
  });

  it('stops at a loss that is not finite, naming epoch, step and the last finite loss', async () => {
    const config = tinyConfig({ loss: 'bpr-max', finalAct: 'linear', learningRate: 1e30, bpreg: 100 });
    const run = train(tinyData(), config, { engine });
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
    await expect(train(wrong, tinyConfig(values), { engine })).rejects.toThrow(message);
  });

  it('refuses parameters that the last step made infinite', async () => {
    const data = dataOf(['a', 'b'], [['a', 'b']]);
    await expect(train(data, tinyConfig({ nEpochs: 1, learningRate: 1e39 }), { engine })).rejects.toThrow(
      /^train: "\w.*" holds (NaN|-?Infinity) in row \d+ at the end of epoch 1, and no loss has shown it/,
    );
  });
});

const { itemIds, support, ...sessions } = tinySessions({ sessions: 200, items: 30, seed: 4 });
const data: TrainingData & { readonly train: SessionsInMemory; readonly itemIds: readonly string[] } = {
  ...{ itemIds, support, train: sessions },
};
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
    const { history } = await train(data, tinyConfig({ ...values, learningRate: 0.5 }), { engine });
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
    const { sessionOffsets, items, sessionStartTimes } = data.train;
    const cut = Number(sessionOffsets[160]);
    const earlier = {
      sessionOffsets: sessionOffsets.slice(0, 161),
      items: items.slice(0, cut),
      sessionStartTimes: sessionStartTimes.slice(0, 160),
    };
    const latest = {
      sessionOffsets: sessionOffsets.slice(160).map((offset) => offset - cut),
      items: items.slice(cut),
      sessionStartTimes: sessionStartTimes.slice(160),
    };
    const plain = { ...values, holdOut: 0, parts: ['network'] };
    const first = await train({ ...data, train: earlier }, tinyConfig(plain), { engine, validation: latest });
    const second = tinyConfig({ ...plain, nEpochs: 1, patience: 0 });
    const expected = await train({ ...data, train: latest }, second, { engine, from: first });
    const model = await train(data, tinyConfig({ ...plain, holdOut: 0.2 }), { engine });
    expect(model.tensors).toEqual(expected.tensors);
  });

  it.each([
    ['a repeat bias', {}],
    ['averaged parameters, linear decay', { averageDecay: 0.5, learningRateDecay: 'linear' }],
    ['no patience, shuffled sessions', { patience: 0, nEpochs: 2, sessionOrder: 'shuffled' }],
  ])('ends with the bits of an uninterrupted run, wherever it is resumed: %s', async (_name, more) => {
    const config = tinyConfig({ ...values, nEpochs: 3, ...more });
    const { model: whole, snapshots } = await trainWatched(data, config, { engine });
    const inPass = snapshots.findIndex(({ before }) => before.epochs > 0);
    expect(inPass).toBeGreaterThan(0);
    for (const place of [0, inPass - 1, inPass, snapshots.length - 1]) {
      const resume = snapshots[place] as TrainingSnapshot;
      const resumed = await train(data, config, { engine, resume });
      expect(resumed.tensors).toEqual(whole.tensors);
      expect(timeless(resumed.history)).toEqual(timeless(whole.history));
    }
    const changed = train(
      data,
      { ...config, nEpochs: 9 },
      { engine, resume: snapshots[inPass] as TrainingSnapshot },
    );
    await expect(changed).rejects.toThrow('"resume" expected nEpochs');
  });

  it.each(['time', 'stored', 'shuffled'])(
    'gives the same bits from memory and from disk: %s',
    async (sessionOrder) => {
      const { inMemory, onDisk } = inBlocks(data, 37);
      const config = tinyConfig({ ...values, nEpochs: 2, sessionOrder });
      const one = await train(inMemory, config, { engine });
      const other = await train(onDisk, config, { engine });
      expect(other.tensors).toEqual(one.tensors);
      expect(timeless(other.history)).toEqual(timeless(one.history));
    },
  );

  it('holds out nothing where there is a validation split', async () => {
    const validation = tinyData(9).train;
    const model = await train(data, tinyConfig(values), { engine, validation });
    expect(model.history.some(({ heldOut }) => heldOut)).toBe(false);
    const without = await train(data, tinyConfig({ ...values, holdOut: 0 }), { engine, validation });
    expect(model.tensors).toEqual(without.tensors);
  });

  it('trains on all sessions and all epochs if those held out were too few, and says so', async () => {
    const warnings: string[] = [];
    const few = { ...values, holdOut: 0.02, nEpochs: 3 };
    const model = await train(tinyData(), tinyConfig(few), {
      engine,
      onWarning: (text) => warnings.push(text),
    });
    expect(warnings).toEqual([
      'holdOut 0.02 of the sessions are too few to measure on: training takes all sessions and all 3 epochs',
    ]);
    const none = await train(tinyData(), tinyConfig({ nEpochs: 3, layers: [6] }), { engine });
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

  it.each([
    ['wasm', engine],
    ['reference', createReferenceEngine()],
  ])('fits weights that help on sessions it has not seen: %s', async (_name, on) => {
    const config = tinyConfig({ ...values, nEpochs: 2, patience: 0 });
    const options = { engine: on, validation: repeating(tinyData()).train };
    const auto = await train(repeating(), config, options);
    const none = await train(repeating(), { ...config, parts: ['network'] }, options);
    const weights = auto.tensors.find(({ name }) => name === 'repeats.weights')?.values;
    expect(weights?.[1]).toBeGreaterThan(0.1);
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
    const config = tinyConfig({ ...values, nEpochs: 1, patience: 0, holdOut: isMeasured ? 0.15 : 0.02 });
    const log = endingTwice(sessions);
    const model = await train(log, config, { engine, onWarning: (text) => warnings.push(text) });
    expect(warnings.some((text) => text.includes('too few to measure on'))).toBe(!isMeasured);
    expect(model.tensors.find(({ name }) => name === 'repeats.weights')?.values[0]).toBeGreaterThan(1);
    const [first, pass] = model.history;
    expect(pass?.heldOut).toBe(true);
    expect(Number(first?.events) + Number(pass?.events)).toBe(log.train.items.length - sessions);
    const { results } = evaluate(model.scorer(), log.train, { cutoffs: [1], protocol: 'last' });
    expect(results[0]?.recall).toBeGreaterThan(0.8);
  });

  it('keeps its weights where it goes on with few sessions', async () => {
    const config = tinyConfig({ ...values, nEpochs: 1, patience: 0, holdOut: 0.02 });
    const from = await train(endingTwice(150), config, { engine });
    const further = await train(data, config, { engine, from });
    const weightsOf = ({ tensors }: typeof from) =>
      tensors.find(({ name }) => name === 'repeats.weights')?.values;
    expect(weightsOf(further)).toEqual(weightsOf(from));
  });

  it('fits anew in a continued run that holds out nothing', async () => {
    const from = await train(repeating(), tinyConfig({ ...values, nEpochs: 1 }), { engine });
    const validation = data.train;
    const config = tinyConfig({ ...values, holdOut: 0, patience: 0, nEpochs: 1 });
    await expect(train(data, config, { engine, from })).rejects.toThrow(
      '"validation" expected held-out sessions with the parts repeats, co-occurrences, got none',
    );
    const further = await train(data, config, { engine, from, validation });
    const weightsOf = ({ tensors }: typeof from) =>
      tensors.find(({ name }) => name === 'repeats.weights')?.values;
    expect(weightsOf(further)).not.toEqual(weightsOf(from));
    expect(further.history).toHaveLength(from.history.length + 1);
  });
});
