import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { describe, expect, it } from 'vitest';
import { type Gru4Rec, loadModel } from '../../src/gru4rec.ts';
import { addItems, isComposedOf } from '../../src/item-rows.ts';
import { Learner } from '../../src/learning/learner.ts';
import { alignItems } from '../../src/training/continue.ts';
import { train } from '../../src/training/train.ts';
import type { TrainingSnapshot } from '../../src/training/training-snapshot.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const engine = createWasmEngine({ threads: 1 });
const [WIDTH, SCALE] = [3, 0.4];

const tensorOf = (model: Pick<Gru4Rec, 'tensors'>, name: string): Float32Array =>
  model.tensors.find((tensor) => tensor.name === name)?.values ?? new Float32Array();

describe('train with vectors of items', async () => {
  const clicked = tinyData();
  const itemIds = [...clicked.itemIds, 'cold-1', 'cold-2'];
  const data = {
    ...clicked,
    itemIds,
    support: Int32Array.from(itemIds, (_, item) => clicked.support[item] ?? 0),
  };
  const items = itemIds.length;
  /** The item before the last has no vector. */
  const vectors = Float32Array.from({ length: items * WIDTH }, (_, at) =>
    Math.floor(at / WIDTH) === items - 2 ? 0 : Math.cos(at),
  );
  const vocabulary = { columns: [], mostPerItem: 0, vectors: { columns: ['text'], width: WIDTH } };
  const encoded = { vocabulary, count: 0, perItem: 0, table: new Int32Array(), width: WIDTH, vectors };
  const described = { ...data, itemFeatures: async () => encoded };
  const config = tinyConfig({
    ...{ layers: [8], learningRate: 0.05, constrainedEmbedding: false, embedding: 5, coldItemOffset: 0.25 },
    ...{ itemVectors: ['text'], itemFeatureScale: SCALE },
  });
  const model = await train(described, config, { engine });
  const vectorOf = (item: number) => vectors.slice(item * WIDTH, (item + 1) * WIDTH);

  it("composes an item's row and its vector times the learnt matrix", () => {
    for (const [name, cols] of Object.entries({ E: 5, Wy: 8, by: 1 })) {
      const [composed, own] = [tensorOf(model, name), tensorOf(model, `own.${name}`)];
      const projection = tensorOf(model, `features.vectors.${name}`);
      expect(projection).toHaveLength(WIDTH * cols);
      expect(projection.some((value) => value !== 0)).toBe(true);
      for (let at = 0; at < composed.length; at++) {
        const [item, c] = [Math.floor(at / cols), at % cols];
        let sum = Number(own[at]);
        for (const [d, number] of vectorOf(item).entries()) sum += number * Number(projection[d * cols + c]);
        if (name === 'by' && item >= items - 2) sum += 0.25;
        expect(composed[at]).toBeCloseTo(sum, 5);
      }
    }
    expect(model.tensors.some(({ name }) => name === 'features.vectors')).toBe(false);
  });

  it('is kept by folders, resumed with its bits, and continued with its matrix', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vectors-'));
    await model.save(`${folder}/model`);
    const loaded = await loadModel(`${folder}/model`, { engine });
    await rm(folder, { recursive: true });
    expect(loaded.tensors).toEqual(model.tensors);
    expect(loaded.vocabulary).toEqual(vocabulary);
    let snapshot: TrainingSnapshot | undefined;
    const save = async (made: TrainingSnapshot) => {
      snapshot ??= structuredClone(made);
    };
    await train(described, config, { engine, checkpoint: { every: { steps: 7 }, save } });
    if (!snapshot) throw new Error('expected a snapshot');
    expect((await train(described, config, { engine, resume: snapshot })).tensors).toEqual(model.tensors);
    // Other vectors are other data.
    const other = { ...data, itemFeatures: async () => ({ ...encoded, vectors: vectors.map((x) => -x) }) };
    await expect(train(other, config, { engine, resume: snapshot })).rejects.toThrow('"resume" expected');
    const aligned = alignItems(model.itemIds, { ...described, itemIds: [...itemIds].reverse() }).data;
    const moved = await aligned.itemFeatures?.();
    expect(moved?.vectors?.subarray(0, WIDTH)).toEqual(vectorOf(items - 1));
    const more = await train(alignItems(model.itemIds, described).data, config, { engine, from: loaded });
    expect(more.history).toHaveLength(2 * config.nEpochs);
    const without = tinyConfig({ ...config, itemVectors: [] });
    await expect(train(described, without, { engine, from: model })).rejects.toThrow(
      '"itemVectors" expected',
    );
  });

  it('composes items that are added later, and learns them on', () => {
    const all = Array.from({ length: items }, (_, item) => item);
    const none = new Int32Array();
    expect(all.every((item) => isComposedOf(model, item, none, vectorOf(item)))).toBe(true);
    expect(isComposedOf(model, 4, none, vectorOf(9))).toBe(false);
    const tensors = model.tensors.map((tensor) => {
      const rows = tensor.rows === items ? items - 1 : tensor.rows;
      return { ...tensor, rows, values: tensor.values.subarray(0, rows * tensor.cols) };
    });
    const fewer = { config, history: [], itemIds: model.itemIds.slice(0, -1), tensors };
    const added = addItems(fewer, { ids: ['cold-2'], features: none, vectors: vectorOf(items - 1) });
    for (const name of ['E', 'Wy', 'by']) expect(tensorOf(added, name), name).toEqual(tensorOf(model, name));
    const learner = new Learner(model, { engine });
    const learnt = learner.model();
    learner.dispose();
    expect(learnt.config.itemVectors).toEqual([]);
    expect(tensorOf(learnt, 'Wy')).toEqual(tensorOf(model, 'Wy'));
  });

  it('refuses data without an items file, or with another number of vectors', async () => {
    await expect(train(data, config, { engine })).rejects.toThrow(
      '"itemVectors" expected a dataset with an items file, got one without',
    );
    const short = { ...data, itemFeatures: async () => ({ ...encoded, vectors: vectors.slice(3) }) };
    await expect(train(short, config, { engine })).rejects.toThrow(`"itemVectors" expected ${items} vectors`);
  });
});
