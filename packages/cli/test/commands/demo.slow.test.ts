import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, spawnTrainer } from '../run-trainer.ts';

/** Parses recall and MRR from a table row. */
function figuresOf(table: string, name: string): [recall: number, mrr: number] {
  const [, recall, mrr] =
    new RegExp(`│ ${name} +│ +(0\\.\\d{4})[* ] │ +(0\\.\\d{4})[* ] │`).exec(table) ?? [];
  return [Number(recall), Number(mrr)];
}

describe('trainer demo', () => {
  it('ends with a table in which GRU4Rec beats every baseline, and suggests the next steps', async () => {
    const folder = makeFolder();
    const started = performance.now();
    const { code, stdout, stderr } = await spawnTrainer(folder, 'demo');
    const seconds = (performance.now() - started) / 1000;
    expect(code, stderr).toBe(0);
    expect(seconds).toBeLessThan(120);
    expect(stdout.match(/recall@20/g)).toHaveLength(1);
    const [recall, mrr] = figuresOf(stdout, 'GRU4Rec');
    const [withItems, mrrWithItems] = figuresOf(stdout, '\\+ items');
    expect(withItems).toBeGreaterThan(recall + 0.01);
    expect(mrrWithItems).toBeGreaterThan(mrr - 0.002);
    for (const name of ['POP', 'S-POP', 'item-KNN', 'SR', 'VSTAN']) {
      const [recallOfBaseline, mrrOfBaseline] = figuresOf(stdout, name);
      expect(recall).toBeGreaterThan(recallOfBaseline);
      expect(mrr).toBeGreaterThan(mrrOfBaseline);
    }
    for (const command of ['init clicks.csv', 'prepare', 'train', 'evaluate']) {
      expect(stdout).toContain(`trainer ${command}`);
    }
    expect(readdirSync(join(folder, '.gru4rec', 'demo')).sort()).toEqual([
      'clicks.tsv',
      'data',
      'items.csv',
      'model',
      'model-features',
    ]);
  });
});
