import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatBytes } from '../../src/inspecting/inspect-model.ts';
import { runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();

describe('trainer inspect MODEL', () => {
  it('shows parameters, memory, items, dataset and training on one screen', async () => {
    expect((await trainTiny(folder(), 'model', '--set', 'momentum=0.3')).code).toBe(0);
    const { code, stdout, stderr } = await runHere(folder(), 'inspect', 'model');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { itemCount } = JSON.parse(readFileSync(join(folder(), 'model', 'model.json'), 'utf8'));
    const parameters = itemCount * 17 + 6 * 16 * 16 + 3 * 16;
    expect(stdout).toContain(
      `model: GRU4Rec, ${parameters.toLocaleString('en-US')} parameters, ${itemCount} items`,
    );
    expect(stdout).toContain('loss cross-entropy, cell gru, layers 16, batchSize 8, nSample 32');
    expect(stdout).toContain('momentum 0.3');
    expect(stdout).toMatch(/layer0\.Wr Wz Wn Ur Uz Un\s.*6 × \[16, 16\].*1,536.*6\.0 KiB/);
    expect(stdout).toMatch(/Memory: [\d.]+ KiB parameters, [\d.]+ KiB optimiser\n/);
    expect(stdout).toMatch(/Dataset: data \([0-9a-f]{16}…\)/);
    expect(stdout).toMatch(/Training: 2 epochs, [\d,]+ events, 0:0\d/);
    expect(stdout.split('\n').length).toBeLessThan(40);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(120);
  });

  it('shows a repeat bias by recency', async () => {
    const settings = ['--set', 'repeatBias=constant', 'repeatLength=3'];
    expect((await trainTiny(folder(), 'repeats', ...settings)).code).toBe(0);
    const { stdout } = await runHere(folder(), 'inspect', 'repeats');
    const number = String.raw`-?\d+\.\d\d`;
    expect(stdout).toMatch(
      new RegExp(`last items of a session, the most recent first:\n${number}, ${number}, ${number}\n`),
    );
  });

  it('shows the first and last of many epochs and the kept one', async () => {
    const prepare = ['--input', 'clicks.tsv', '--test', '2d', '--validation', '2d', '--output', 'validated'];
    expect((await runHere(folder(), 'prepare', ...prepare)).code).toBe(0);
    const values = ['layers=8', 'nSample=16', 'patience=20', 'nEpochs=12'];
    const settings = ['--config', 'defaults.json', '--set', ...values];
    const trained = await runHere(folder(), 'train', 'validated', '--output', 'long', ...settings);
    expect(trained.code).toBe(0);
    expect(trained.stderr).toMatch(
      /events\/s {2}validation recall@20 0\.\d{4} MRR 0\.\d{4} nDCG 0\.\d{4}.*\n/,
    );
    const kept = /Kept epoch (\d+), the best of recall on validation/.exec(trained.stderr)?.[1];
    const { stdout } = await runHere(folder(), 'inspect', 'long', '--json');
    const { history, parameters, memory, items } = JSON.parse(stdout);
    expect(history.filter((r: { kept?: boolean }) => r.kept).map((r: { epoch: number }) => r.epoch)).toEqual([
      Number(kept),
    ]);
    expect({ parameters, items, bytes: memory.parameterBytes }).toMatchObject({ bytes: 4 * parameters });
    const screen = (await runHere(folder(), 'inspect', 'long')).stdout;
    expect(screen).toMatch(/│\s+…/);
    expect(screen).toContain('recall@20');
  });

  it('names a folder that is neither a model nor a dataset', async () => {
    const none = await runHere(folder(), 'inspect', 'none');
    expect(none).toEqual({
      ...{ code: 1, stdout: '' },
      stderr: `${join(folder(), 'none')} is neither the folder of a dataset nor that of a model\n`,
    });
  });

  it('refuses --no-order, which only datasets have', async () => {
    mkdirSync(join(folder(), 'empty'), { recursive: true });
    writeFileSync(join(folder(), 'empty', 'model.json'), '');
    const message = expect.stringContaining('--no-order expected a dataset, got a model');
    expect(await runHere(folder(), 'inspect', 'empty', '--no-order')).toMatchObject({
      code: 2,
      stderr: message,
    });
  });
});

describe('formatBytes', () => {
  it('uses the largest unit with a value of at least 1', () => {
    expect([0, 1023, 1024, 1.5 * 2 ** 20, 2 ** 33].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 MiB',
      '8.0 GiB',
    ]);
  });
});
