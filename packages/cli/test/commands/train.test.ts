import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
const file = (...path: string[]) => readFileSync(join(folder(), ...path));

describe('trainer train', () => {
  it('writes no model of a training that diverged', async () => {
    const wild = (output: string, ...more: string[]) =>
      runHere(
        ...([folder(), 'train', 'data', '--output', output, '--set', 'nEpochs=2', ...more] as const),
        ...['--config', 'defaults.json', '--set', 'layers=8', 'nSample=16', 'learningRate=1e9'],
      );
    const loss = /^train: The loss ended at \d+, above [\d.]+, the loss of a model that .*$/m;
    const refused = await wild('wild');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(loss);
    expect(readdirSync(folder()).filter((name) => name.includes('wild'))).toEqual([]);
    expect((await wild('interrupted', '--checkpoint-every', '50')).code).toBe(1);
    expect((await trainTiny(folder(), 'tame')).stderr).not.toContain('Warning');
  });

  it.each([
    ['best without --config', [], { preset: 'best' }],
    ['fast with --config fast', ['--config', 'fast', '--set', 'layers=16'], { preset: 'fast', layers: [16] }],
  ] as const)(
    'has the preset %s, and says that too few sessions can be held out',
    async (_name, options, expected) => {
      const required = ['data', '--output', 'preset', '--overwrite', '--set', 'nEpochs=2'];
      expect(await runHere(folder(), 'train', ...required, ...options)).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('are too few to measure on'),
      });
      const { config } = JSON.parse(String(file('preset', 'model.json')));
      expect(config).toEqual(parseConfig({ ...expected, nEpochs: 2 }));
    },
  );

  it('screens configurations within --budget, then trains the best with the keys that are set', async () => {
    const settings = ['--set', 'layers=8', 'nSample=16', '--set', 'nEpochs=2', '--set', 'seed=3'];
    const outcome = await runHere(
      folder(),
      ...'train data --output screened --budget 3s'.split(' '),
      ...settings,
    );
    expect(outcome).toMatchObject({ code: 0, stdout: '' });
    const trial = /^trial (\d+) {2}0\.\d{4} {2}[\d.]+ s {2}best (0\.\d{4}) {2}(\{"preset":.*\})$/gm;
    const trials = [...outcome.stderr.matchAll(trial)];
    expect(trials.map(([, number]) => Number(number))).toEqual(trials.map((_, at) => at));
    const best = trials.find(([line]) => line.includes(`  ${trials.at(-1)?.[2]}  `))?.[3] ?? '{}';
    const { config, dataset } = JSON.parse(String(file('screened', 'model.json')));
    const { loss, holdOut, patience } = parseConfig({ preset: JSON.parse(best).preset });
    expect(config).toMatchObject({ loss, holdOut, patience, layers: [8], nSample: 16, nEpochs: 2, seed: 3 });
    expect(dataset.directory).toBe('data');
  });

  it('lets --set override the file, and the last --set the others', async () => {
    writeFileSync(join(folder(), 'mine.json'), JSON.stringify({ layers: [8], momentum: 0.3, nEpochs: 7 }));
    const options = ['--config', 'mine.json', '--set', 'seed=6', 'nEpochs=9', '--set', 'seed=5'];
    expect((await trainTiny(folder(), 'merged', ...options)).code).toBe(0);
    const { config, dataset } = JSON.parse(String(file('merged', 'model.json')));
    expect(config).toMatchObject({ layers: [16], momentum: 0.3, nEpochs: 9, seed: 5 });
    expect(dataset).toEqual({
      checksum: JSON.parse(String(file('data', 'dataset.json'))).checksum,
      directory: 'data',
      lastMs: expect.any(Number),
    });
  });

  it('refuses tables beyond 4 GiB with the arithmetic, before the dataset is read', async () => {
    const words = ['--output', 'huge', '--config', 'defaults.json', '--set', 'layers=20000'];
    const { code, stderr } = await runHere(folder(), 'train', 'data', ...words);
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(
      /^train expected tables of at most 4 GiB, got 1[78]\.\d GiB: 60 items × [\d]+ numbers of 4 bytes \(.*Wy 20000, .*\)\. Lower layers/,
    );
    expect(existsSync(join(folder(), 'huge'))).toBe(false);
  });
});
