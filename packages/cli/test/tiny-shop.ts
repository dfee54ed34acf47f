import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeShopLog } from '@gru4rec/synthetic';
import { afterAll, beforeAll, onTestFinished, vi } from 'vitest';
import { makeFolder, type Outcome, ok } from './run-trainer.ts';

/** Hyper-parameters with which an epoch of the tiny shop takes a few hundredths of a second. */
const tinySettings = 'layers=16 batchSize=8 nSample=32 learningRate=0.1';

/** A search space whose epochs take as long. */
export const tinySpace = {
  layers: { type: 'choice', options: [[4], [8]] },
  learningRate: { type: 'log-uniform', low: 0.02, high: 0.3 },
  nSample: 16,
  batchSize: 8,
  nEpochs: 2,
};

/**
 * Prepares a dataset `data` of about 2,000 seeded clicks once per test file, and writes the configuration `defaults.json`.
 * @returns a getter of the folder.
 */
export function useTinyShop(more = ''): () => string {
  let folder = '';
  beforeAll(async () => {
    folder = makeFolder(afterAll);
    await writeShopLog(join(folder, 'clicks.tsv'), { events: 2000, items: 60, days: 10, seed: 3 });
    writeFileSync(join(folder, 'defaults.json'), '{}');
    await ok(folder, `prepare --input clicks.tsv --test 2d --output data${more && ` ${more}`}`);
  }, 60_000);
  return () => folder;
}

/** As `useTinyShop`, with a trained `model` in the folder. */
export function useTinyModel(more = ''): () => string {
  const folder = useTinyShop(more);
  beforeAll(() => trainTiny(folder(), 'model'), 60_000);
  return folder;
}

/** Makes `train` stream its sessions until the test ends, as if memory were full. */
export function streamSessions(): void {
  const spy = vi.spyOn(process, 'availableMemory').mockReturnValue(0);
  onTestFinished(() => spy.mockRestore());
}

/** A command line that trains for two epochs on the tiny shop, with the defaults unless `more` says otherwise. */
export function tinyTraining(output: string, more = ''): string {
  const source = /--(config|continue) /.test(more) ? '' : ' --config defaults.json';
  return `train data --output ${output} --set nEpochs=2${source}${more && ` ${more}`} --set ${tinySettings}`;
}

/** Trains as `tinyTraining` says. @throws Error if that fails. */
export function trainTiny(folder: string, output: string, more?: string): Promise<Outcome> {
  return ok(folder, tinyTraining(output, more));
}
