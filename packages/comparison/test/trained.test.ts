import { ItemIdTable } from '@gru4rec/dataset/ids';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { evaluate } from '@gru4rec/metrics';
import { train } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { trainedScorer } from '../src/contenders/trained.ts';

const sessions = {
  sessionOffsets: Int32Array.of(0, 3, 6, 8),
  items: Int32Array.of(0, 1, 2, 3, 2, 1, 0, 3),
  sessionStartTimes: Float64Array.of(0, 1, 2),
};
const engine = createWasmEngine({ threads: 1 });

describe('trainedScorer', () => {
  it('scores the items of a dataset in its order, without other items of the model', async () => {
    const itemIds = ItemIdTable.of(['a', 'b', 'c', 'd']);
    const data = { itemIds, support: Int32Array.of(2, 2, 2, 2), train: sessions };
    const model = await train(data, { layers: [6], nSample: 4, batchSize: 2, nEpochs: 2 }, { engine });
    const alike = trainedScorer(model, { itemIds });
    const ranks = (scorer: typeof alike, of: typeof sessions) =>
      evaluate(scorer, of, { cutoffs: [2], keepRanks: true }).ranks?.rank;
    expect(ranks(alike, sessions)).toEqual(ranks(model.scorer(), sessions));
    // Items d, c, b, a: index 3 − i.
    const turned = { ...sessions, items: sessions.items.map((item) => 3 - item) };
    const reordered = trainedScorer(model, { itemIds: ItemIdTable.of(['d', 'c', 'b', 'a']) });
    expect(ranks(reordered, turned)).toEqual(ranks(alike, sessions));
    const fewer = trainedScorer(model, { itemIds: ItemIdTable.of(['b', 'c']) });
    expect(fewer.itemCount).toBe(2);
    const pair = { sessionOffsets: Int32Array.of(0, 2), items: Int32Array.of(0, 1) };
    expect([1, 2]).toContain(evaluate(fewer, pair, { cutoffs: [2], keepRanks: true }).ranks?.rank[0]);
  });
});
