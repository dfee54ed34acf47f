import { createWasmEngine } from '@gru4rec/engine-wasm';
import { expect, it } from 'vitest';
import { Learner } from '../../src/learning/learner.ts';
import { fitLearnerRate } from '../../src/learning/learner-rate.ts';
import { train } from '../../src/training/train.ts';
import { dataOf, reloaded, tinyConfig } from '../tiny-data.ts';

const engine = createWasmEngine({ threads: 1 });
const ids = Array.from({ length: 30 }, (_, item) => `i${item}`);
/** Sessions that go on from item to item by a stride. */
const walks = (stride: number, count: number) =>
  Array.from({ length: count }, (_, s) => [0, 1, 2, 3, 4].map((at) => `i${(7 * s + stride * at) % 30}`));
const config = tinyConfig({ nEpochs: 8, holdOut: 0.2 });
const model = await train(dataOf(ids, walks(1, 200)), config, { engine });

it('is half of the rate that predicts held-out clicks best before it learns them', () => {
  const sessions = walks(11, 100);
  const clicks = sessions.flatMap((items, s) => items.map((item) => ({ session: `${s}`, item, timeMs: s })));
  const lossAt = (learningRate: number) => {
    const learner = new Learner(model, { engine, learningRate });
    learner.learn(clicks);
    learner.flush();
    return learner.model().history.at(-1)?.loss as number;
  };
  const best = 2 * fitLearnerRate(model, dataOf(ids, sessions).train, engine);
  expect(lossAt(best)).toBeLessThan(lossAt(best / 2));
  expect(lossAt(best)).toBeLessThanOrEqual(lossAt(best * 2));
});

it('is the default rate of a learner, also once the model is stored and has learnt', async () => {
  const fitted = model.history.at(-2)?.learnerRate as number;
  const clicks = walks(11, 40).flatMap((items, session) =>
    items.map((item, at) => ({ session: `${session}`, item, timeMs: 10 * session + at })),
  );
  const learnt = (from: typeof model, learningRate?: number) => {
    const learner = new Learner(from, { engine, ...(learningRate && { learningRate }) });
    learner.learn(clicks);
    return learner.model();
  };
  expect(fitted).not.toBe(config.learningRate);
  const once = learnt(await reloaded(model, engine));
  expect(once.tensors).toEqual(learnt(model, fitted).tensors);
  expect(once.tensors).not.toEqual(learnt(model, config.learningRate).tensors);
  expect(learnt(once).tensors).toEqual(learnt(once, fitted).tensors);
});
