import { join } from 'node:path';
import { readDataset } from '@gru4rec/dataset';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { parseConfig, train } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { runHere } from './run-trainer.ts';
import { trainTiny, useTinyShop } from './tiny-shop.ts';

const folder = useTinyShop();
const engine = createWasmEngine({ threads: 1 });
const warning =
  /^Warning: [\d,]+ of [\d,]+ \(\d+\.\d %\) targets have the score of other items with GRU4Rec, .*look for saturated scores\.$/m;

const evaluate = (model: string, ...more: string[]) =>
  runHere(folder(), 'evaluate', model, '--data', 'data', '--no-baselines', ...more);

describe('trainer evaluate of a saturated model', () => {
  it('warns of scores that training drove to their bound', async () => {
    const config = { loss: 'top1', finalAct: 'tanh', learningRate: 20, layers: [16], batchSize: 8 } as const;
    const data = await readDataset(join(folder(), 'data'));
    const options = { engine, keepDiverged: true };
    const model = await train(data, parseConfig({ ...config, nSample: 32, nEpochs: 3 }), options);
    await model.save(join(folder(), 'saturated'));
    const { code, stderr } = await evaluate('saturated');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(warning) });
  });

  it('does not warn of a normal model', async () => {
    expect((await trainTiny(folder(), 'sound')).code).toBe(0);
    expect((await evaluate('sound')).stderr).not.toContain('have the score of other items');
  });
});
