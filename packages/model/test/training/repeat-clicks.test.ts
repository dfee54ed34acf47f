import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { tinySessions } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { loadPrograms } from '../../src/scoring.ts';
import { collectRepeatClicks, type RepeatClick } from '../../src/training/fit-repeats.ts';
import { train } from '../../src/training/train.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const LENGTH = 3;
const OTHERS = 20;
const sessions = tinySessions({ sessions: 30, items: 30, seed: 8 });

/** The clicks of one session after another, from all scores of a scorer of one slot. */
function naiveClicks(model: Gru4Rec): RepeatClick[] {
  const plain = new Gru4Rec({
    ...{ engine: createReferenceEngine(), itemIds: model.itemIds, history: [], tensors: model.tensors },
    config: { ...model.config, repeatBias: 'none', finalAct: 'linear' },
  });
  const scoring = plain.scorer().open(1);
  const { sessionOffsets, items } = sessions;
  const clicks: RepeatClick[] = [];
  for (let session = 1; session < sessionOffsets.length; session++) {
    const own = items.subarray(sessionOffsets[session - 1], sessionOffsets[session]);
    for (let at = 0; at + 1 < own.length; at++) {
      const scores = scoring.step(own.slice(at, at + 1), Float32Array.of(at === 0 ? 1 : 0));
      const recent = [...new Set(own.slice(0, at + 1).reverse())].slice(0, LENGTH);
      const others = Array.from(scores, (score, item) => ({ score, item }))
        .filter(({ item }) => !recent.includes(item))
        .sort((a, b) => b.score - a.score)
        .slice(0, OTHERS);
      const target = own[at + 1] as number;
      const place = recent.indexOf(target);
      if (place < 0 && !others.some(({ item }) => item === target)) continue;
      clicks.push({
        history: Float64Array.from(recent, (item) => Number(scores[item])),
        others: Float64Array.from(others, ({ score }) => score),
        ...{ place, target: Number(scores[target]) },
      });
    }
  }
  return clicks;
}

/** Numbers in an order that does not depend on slots, nor on the order of other items. */
const flat = (clicks: readonly RepeatClick[]) =>
  clicks
    .map(({ history, others, place, target }) => [
      ...[place, history.length, others.length, target, ...history, ...others.toSorted()],
    ])
    .sort((a, b) => Number(a[3]) - Number(b[3]));

describe('collectRepeatClicks', () => {
  it.each([
    ['cross-entropy', {}],
    ['BPR-max behind an activation', { loss: 'bpr-max', finalAct: 'elu-0.5' }],
  ])('gives the clicks of a naive walk through the sessions: %s', async (_name, values) => {
    const engine = createWasmEngine({ threads: 1 });
    const config = tinyConfig({ ...values, repeatBias: 'constant', repeatLength: LENGTH });
    const model = await train(tinyData(), config, { engine });
    const itemCount = model.itemIds.length;
    const load: Parameters<typeof collectRepeatClicks>[0]['load'] = (program) =>
      loadPrograms(engine, [program], model.tensors);
    const found = flat(await collectRepeatClicks({ config, itemCount, load }, sessions));
    const expected = flat(naiveClicks(model));
    expect(found.map((row) => row.length)).toEqual(expected.map((row) => row.length));
    for (const [at, row] of found.entries()) {
      for (const [i, value] of row.entries()) expect(value).toBeCloseTo(Number(expected[at]?.[i]), 4);
    }
    expect(found.some(([place]) => place === 0)).toBe(true);
    expect(found.some(([place]) => place === -1)).toBe(true);
  });
});
