import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatBytes } from '../../src/inspecting/inspect-model.ts';
import { ok } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
const inspect = async (line: string) => (await ok(folder(), `inspect ${line}`)).stdout;

const NUMBER = expect.any(Number);
const REPEATS = { anyBefore: NUMBER, justBefore: NUMBER, reloads: NUMBER };

describe('trainer inspect', () => {
  it('describes a dataset, and says what to do', async () => {
    const stdout = await inspect('data');
    expect(stdout).toMatch(
      /^data: 60 items, train 260 sessions of 1,503 events, test 66 sessions of 395 events\n/,
    );
    expect(stdout).toContain('\nWhat to do\n');
    expect(stdout).toMatch(
      /\n {2}\d+\.\d % of its sessions of three distinct items or more have exactly the items of a training session\n/,
    );
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(260);
  });

  it('prints all figures as JSON, the same each time', async () => {
    const stdout = await inspect('data --json');
    const found = JSON.parse(stdout);
    expect(found).toEqual({
      ...{ format: 'gru4rec-inspection', version: 1, data: 'data', items: 60, coldItems: 0 },
      splits: { train: { sessions: 260, events: 1503 }, test: { sessions: 66, events: 395 } },
      lengths: { mean: NUMBER, median: NUMBER, longest: NUMBER, groups: expect.any(Array) },
      concentration: { top1: NUMBER, top10: NUMBER, rare: NUMBER },
      repeats: REPEATS,
      time: { fromMs: NUMBER, toMs: NUMBER, periodMs: NUMBER, counts: expect.any(Array) },
      lifetime: { medianDays: NUMBER, withinDay: NUMBER },
      heldOut: { split: 'test', unseen: 0, duplicates: NUMBER, laterTraining: 0, repeats: REPEATS },
      advice: expect.any(Array),
    });
    expect(await inspect('data --json')).toBe(stdout);
  });

  it('writes a page without scripts', async () => {
    expect((await ok(folder(), 'inspect data --html data.html')).stderr).toBe('The page is data.html\n');
    const page = readFileSync(join(folder(), 'data.html'), 'utf8').replaceAll('<wbr>', '');
    expect(page).toContain('<title>Inspection of data</title>');
    expect(page).toContain(
      'Sessions of test of three distinct items or more, with exactly those of a training session',
    );
    expect(page.match(/<svg /g)).toHaveLength(1);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });
});

describe('trainer inspect MODEL', () => {
  it('shows parameters, memory, items, dataset and training on one screen', async () => {
    await trainTiny(folder(), 'model', '--set momentum=0.3');
    const stdout = await inspect('model');
    const { itemCount } = JSON.parse(readFileSync(join(folder(), 'model', 'model.json'), 'utf8'));
    const parameters = itemCount * 17 + 6 * 16 * 16 + 3 * 16;
    expect(stdout).toContain(
      `model: GRU4Rec, ${parameters.toLocaleString('en-US')} parameters, ${itemCount} items`,
    );
    expect(stdout).toContain('loss cross-entropy, cell gru, layers 16, batchSize 8, nSample 32');
    expect(stdout).toContain('momentum 0.3');
    expect(stdout).toMatch(/Memory: [\d.]+ KiB parameters, [\d.]+ KiB optimiser\n/);
    expect(stdout).toMatch(/Dataset: data \([0-9a-f]{16}…\)/);
    expect(stdout).toMatch(/Training: 2 epochs, [\d,]+ events, 0:0\d/);
    expect(stdout.split('\n').length).toBeLessThan(40);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(120);
  });

  it('shows the first and last of many epochs and the kept one', async () => {
    await ok(folder(), 'prepare --input clicks.tsv --test 2d --validation 2d --output validated');
    const set = 'layers=8 nSample=16 patience=20 nEpochs=12';
    const line = `train validated --output long --config defaults.json --set ${set}`;
    const { stderr } = await ok(folder(), line);
    expect(stderr).toMatch(/events\/s {2}validation recall@20 0\.\d{4} MRR 0\.\d{4} nDCG 0\.\d{4}.*\n/);
    const kept = /Kept epoch (\d+), the best of recall on validation/.exec(stderr)?.[1];
    const { history, parameters, memory } = JSON.parse(await inspect('long --json'));
    expect(history.filter((record: { kept?: boolean }) => record.kept)).toMatchObject([
      { epoch: Number(kept) },
    ]);
    expect(memory.parameterBytes).toBe(4 * parameters);
    const screen = await inspect('long');
    expect(screen).toMatch(/│\s+…/);
    expect(screen).toContain('recall@20');
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
