import { tensorFlowForTests } from '@gru4rec/test-support';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runHere } from './run-trainer.ts';
import { trainTiny, useTinyShop } from './tiny-shop.ts';

const { loaded, missing } = tensorFlowForTests(process.env);
const folder = useTinyShop();

beforeAll(() => {
  if (loaded) process.env['GRU4REC_CACHE'] = process.env['GRU4REC_TENSORFLOW'];
});
beforeEach((ctx) => {
  if (missing !== undefined) ctx.skip(missing);
});

/** Evaluates a model on an engine. */
async function evaluateOn(engine: string, model: string): Promise<{ recall: number; mrr: number }> {
  const words = [model, '--data', 'data', '--engine', engine, '--json'];
  const { code, stdout, stderr } = await runHere(folder(), 'evaluate', ...words);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout).results[0];
}

describe('--engine tensorflow', () => {
  it('trains a model that every engine evaluates the same', async () => {
    const trained = await trainTiny(folder(), 'trained', '--engine', 'tensorflow');
    expect(trained).toMatchObject({ code: 0, stdout: '' });
    expect(trained.stderr).toContain('on engine tensorflow');
    const here = await evaluateOn('tensorflow', 'trained');
    const there = await evaluateOn('wasm', 'trained');
    expect(here.recall).toBeCloseTo(there.recall, 2);
    expect(here.mrr).toBeCloseTo(there.mrr, 2);
  });
});
