import { join } from 'node:path';
import { writeShopLog } from '@gru4rec/synthetic';
import { afterAll, beforeAll } from 'vitest';
import { makeFolder, type Outcome, runHere } from './run-trainer.ts';

/** Hyper-parameters with which an epoch of the tiny shop takes a few hundredths of a second. */
const tinySettings = ['--set', 'layers=16', 'batchSize=8', 'nSample=32', 'learningRate=0.1'];

/** A search space whose epochs take as long. */
export const tinySpace = {
  layers: { type: 'choice', options: [[4], [8]] },
  learningRate: { type: 'log-uniform', low: 0.02, high: 0.3 },
  nSample: 16,
  batchSize: 8,
  nEpochs: 2,
};

/** Prepares a dataset `data` of about 2,000 seeded clicks once per test file. @returns a getter of its folder. */
export function useTinyShop(...more: readonly string[]): () => string {
  let folder = '';
  beforeAll(async () => {
    folder = makeFolder(afterAll);
    await writeShopLog(join(folder, 'clicks.tsv'), { events: 2000, items: 60, days: 10, seed: 3 });
    const arguments_ = ['--input', 'clicks.tsv', '--test-days', '2', '--output', 'data', ...more];
    const { code, stderr } = await runHere(folder, 'prepare', ...arguments_);
    if (code !== 0) throw new Error(stderr);
  }, 60_000);
  return () => folder;
}

/** Trains for two epochs on the tiny shop. */
export function trainTiny(folder: string, output: string, ...more: string[]): Promise<Outcome> {
  const required = ['data', '--output', output, '--epochs', '2'];
  return runHere(folder, 'train', ...required, ...more, ...tinySettings);
}
