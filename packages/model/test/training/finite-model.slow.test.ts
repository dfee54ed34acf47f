import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReferenceEngine } from '@gru4rec/engine-reference';
import { afterAll, describe, expect, it } from 'vitest';
import { Gru4Rec, loadModel } from '../../src/gru4rec.ts';
import { ModelError } from '../../src/storage/model-error.ts';
import { train } from '../../src/training/train.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const engine = createReferenceEngine();
const root = await mkdtemp(join(tmpdir(), 'gru4rec-finite-'));
const model = await train(tinyData(), tinyConfig({ layers: [4], momentum: 0.1 }), { engine });
afterAll(() => rm(root, { recursive: true, force: true }));

describe('loadModel', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses %s in any tensor, naming file and tensor',
    async (value) => {
      for (const { name, kind } of model.tensors) {
        const tensors = model.tensors.map((tensor) =>
          tensor.name === name ? { ...tensor, values: tensor.values.with(0, value) } : tensor,
        );
        const folder = join(root, `${name}-${value}`);
        const { config, itemIds, history } = model;
        await new Gru4Rec({ config, itemIds, history, tensors, engine }).save(folder);
        const loading = loadModel(folder, { engine });
        await expect(loading).rejects.toThrow(ModelError);
        const file = kind === 'slot' ? 'optimizer.safetensors' : 'model.safetensors';
        await expect(loading).rejects.toThrow(`${join(folder, file)} "${name}" holds NaN or infinity`);
      }
    },
  );
});
