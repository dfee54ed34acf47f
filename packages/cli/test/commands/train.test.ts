import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { failing, ok } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
const file = (...path: string[]) => readFileSync(join(folder(), ...path), 'utf8');

describe('trainer train', () => {
  it('writes no model of a training that diverged', async () => {
    const set = 'nEpochs=2 layers=8 nSample=16 learningRate=1e9';
    const wild = `train data --output wild --config defaults.json --set ${set}`;
    expect(await failing(folder(), wild)).toMatch(
      /^train: The loss ended at \d+, above [\d.]+, the loss of a model that .*$/m,
    );
    expect(readdirSync(folder()).filter((name) => name.includes('wild'))).toEqual([]);
    expect((await trainTiny(folder(), 'tame')).stderr).not.toContain('Warning');
  });

  it.each([
    ['best', ''],
    ['fast', ' --config fast'],
  ] as const)(
    'has the preset %s with%s, and says that too few sessions can be held out',
    async (preset, more) => {
      const line = `train data --output preset --overwrite --set nEpochs=2 layers=16${more}`;
      expect((await ok(folder(), line)).stderr).toContain('are too few to measure on');
      const { config } = JSON.parse(file('preset', 'model.json'));
      expect(config).toEqual(parseConfig({ preset, nEpochs: 2, layers: [16] }));
    },
  );

  it('screens configurations within --budget, then trains the best with the keys that are set', async () => {
    const set = 'layers=8 nSample=16 --set nEpochs=2 --set seed=3';
    const { stderr } = await ok(folder(), `train data --output screened --budget 1s --set ${set}`);
    const trial = /^trial (\d+) {2}0\.\d{4} {2}[\d.]+ s {2}best (0\.\d{4}) {2}(\{"preset":.*\})$/gm;
    const trials = [...stderr.matchAll(trial)];
    expect(trials.map(([, number]) => Number(number))).toEqual(trials.map((_, at) => at));
    const best = trials.find(([line]) => line.includes(`  ${trials.at(-1)?.[2]}  `))?.[3] ?? '{}';
    const { config, dataset } = JSON.parse(file('screened', 'model.json'));
    const { loss, holdOut, patience } = parseConfig({ preset: JSON.parse(best).preset });
    expect(config).toMatchObject({ loss, holdOut, patience, layers: [8], nSample: 16, nEpochs: 2, seed: 3 });
    expect(dataset.directory).toBe('data');
  });

  it('lets --set override the file, and the last --set the others', async () => {
    writeFileSync(join(folder(), 'mine.json'), JSON.stringify({ layers: [8], momentum: 0.3, nEpochs: 7 }));
    await trainTiny(folder(), 'merged', '--config mine.json --set seed=6 nEpochs=3 --set seed=5');
    const { config, dataset } = JSON.parse(file('merged', 'model.json'));
    expect(config).toMatchObject({ layers: [16], momentum: 0.3, nEpochs: 3, seed: 5 });
    expect(dataset).toEqual({
      checksum: JSON.parse(file('data', 'dataset.json')).checksum,
      directory: 'data',
      lastMs: expect.any(Number),
    });
  });

  it('refuses tables beyond 4 GiB with the arithmetic, before the dataset is read', async () => {
    const huge = 'train data --output huge --config defaults.json --set layers=20000';
    expect(await failing(folder(), huge)).toMatch(
      /^train expected tables of at most 4 GiB, got 1[78]\.\d GiB: 60 items × [\d]+ numbers of 4 bytes \(.*Wy 20000, .*\)\. Lower layers/,
    );
    expect(existsSync(join(folder(), 'huge'))).toBe(false);
  });
});
