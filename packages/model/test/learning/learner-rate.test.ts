import { expect, it } from 'vitest';
import { Learner } from '../../src/learning/learner.ts';
import { dataOf, engine, reloaded, tinyConfig, trainOn } from '../tiny-data.ts';

const ids = Array.from({ length: 30 }, (_, item) => `i${item}`);
/** Sessions that go on from item to item by a stride. */
const walks = (stride: number, count: number) =>
  Array.from({ length: count }, (_, s) => [0, 1, 2, 3, 4].map((at) => `i${(7 * s + stride * at) % 30}`));
const config = tinyConfig({ nEpochs: 8, holdOut: 0.2 });
const model = await trainOn(dataOf(ids, walks(1, 200)), config);

it('is the default rate of a learner, also of a stored model, and doubles as it learns more than an epoch', async () => {
  const { learnerRate: fitted = 0, events = 0 } = model.history.at(-2) ?? {};
  const clicks = walks(11, 40).flatMap((items, session) =>
    items.map((item, at) => ({ session: `${session}`, item, timeMs: 10 * session + at })),
  );
  expect(fitted).not.toBe(config.learningRate);
  const learner = new Learner(await reloaded(model), { engine });
  learner.learn(clicks);
  let now = new Learner(model, { engine, learningRate: fitted });
  let rate = fitted;
  for (const click of clicks) {
    const next = fitted * (1 + now.pairs / (now.pairs + events));
    if (next !== rate) {
      const before = now;
      now = new Learner(before.model(), { engine, learningRate: next, state: before.state() });
      before.dispose();
      rate = next;
    }
    now.learn([click]);
  }
  expect(learner.pairs).toBeGreaterThan(50);
  expect(rate / fitted).toBeGreaterThan(1.05);
  expect(learner.model().tensors).toEqual(now.model().tensors);
  learner.dispose();
  now.dispose();
});
