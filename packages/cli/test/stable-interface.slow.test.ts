import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateShopLog } from '@gru4rec/synthetic';
import { describe, expect, it } from 'vitest';
import { makeFolder, spawnTrainer } from './run-trainer.ts';

/** Writes the first days of a seeded log to train.tsv, the rest to test.tsv. @returns an item id. */
function writeLogs(folder: string): string {
  const { sessionIds, itemIds, times } = generateShopLog({ events: 1500, items: 40, days: 6, seed: 5 });
  const lastDay = times[times.length - 1] - 86_400;
  const logs = { train: ['SessionId\tItemId\tTime'], test: ['SessionId\tItemId\tTime'] };
  for (const [row, time] of times.entries()) {
    logs[time < lastDay ? 'train' : 'test'].push(`${sessionIds[row]}\t${itemIds[row]}\t${time}`);
  }
  for (const [name, lines] of Object.entries(logs))
    writeFileSync(join(folder, `${name}.tsv`), `${lines.join('\n')}\n`);
  return String(itemIds[0]);
}

describe('trainer', () => {
  it('goes from logs to recommendations, with paths relative to the user’s folder', async () => {
    const folder = makeFolder();
    const itemId = writeLogs(folder);
    writeFileSync(join(folder, 'tiny.json'), JSON.stringify({ layers: [12], batchSize: 8, nSample: 16 }));
    const trainer = (line: string) => spawnTrainer(folder, ...line.split(' '));

    const prepared = await trainer('prepare --input train.tsv --test test.tsv --output data');
    expect(prepared).toMatchObject({ code: 0, stdout: '' });
    const trained = await trainer(
      'train data --config tiny.json --output model --engine wasm --set seed=1 nEpochs=2 momentum=0.1',
    );
    expect(trained).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/[\d,]+ events\/s\n/),
    });
    const evaluated = await trainer('evaluate model --data data --cutoffs 1 5 10 20 --json');
    expect(evaluated.code).toBe(0);
    const { predictions, results } = JSON.parse(evaluated.stdout);
    expect(predictions).toBeGreaterThan(0);
    expect(results[3]).toMatchObject({ cutoff: 20, recall: expect.any(Number), mrr: expect.any(Number) });
    const recommended = await trainer(`recommend model --session ${itemId} --top 3 --json`);
    expect(recommended).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(recommended.stdout).items).toHaveLength(3);
    expect(readdirSync(folder).sort()).toEqual(['data', 'model', 'test.tsv', 'tiny.json', 'train.tsv']);
  });

  it('exits with 2 for a wrong command line and 1 for a failure, without standard output', async () => {
    const folder = makeFolder();
    const [usage, failure] = await Promise.all([
      spawnTrainer(folder, 'trian'),
      spawnTrainer(folder, 'evaluate', 'm', '--data', 'd'),
    ]);
    expect(usage).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Unknown command "trian"'),
    });
    expect(failure).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(join(folder, 'd')),
    });
    expect(failure.stderr).not.toMatch(/\n\s+at /);
  });
});
