import { createWasmEngine } from '@gru4rec/engine-wasm';
import { parseConfig, presets } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import {
  configOf,
  defaultSettings,
  evaluateHere,
  fitBaselines,
  type HeldOutFigures,
  mostEpochs,
  type TrainProgress,
  trainHere,
  trainingSet,
} from '../../src/page/worker/train-here.ts';
import { data, splits } from './tiny-shop.ts';

const test = splits.test as NonNullable<typeof splits.test>;

describe('configOf', () => {
  it('has, by default, the hyper-parameters of the demo', async () => {
    const { default: demo } = await import('../../../../packages/cli/configs/demo.json', {
      with: { type: 'json' },
    });
    const { seed, ...config } = configOf(defaultSettings);
    expect(parseConfig(config)).toEqual(parseConfig(demo as typeof config));
    expect(seed).toBe(1);
  });

  it.each(['cross-entropy', 'bpr-max'] as const)('is valid for %s', (loss) => {
    const config = parseConfig(configOf({ ...defaultSettings, loss, units: 32, epochs: 2 }));
    expect(config).toMatchObject({ loss, layers: [32], nEpochs: 2 });
  });
});

it('a preset replaces all other settings', () => {
  const settings = { ...defaultSettings, preset: 'best' } as const;
  expect(configOf(settings)).toEqual({ ...presets.best, seed: 1 });
  expect([settings, defaultSettings].map(mostEpochs)).toEqual([10, 5]);
});

describe('trainHere', () => {
  it('counts the support of the training sessions', () => {
    expect([...data.support]).toEqual(new Array(10).fill(48));
  });

  it('learns, reports recall per epoch and is measured beside the baselines', async () => {
    const progress: TrainProgress[] = [];
    const settings = { ...defaultSettings, units: 16, epochs: 6 };
    const model = await trainHere(data, test, settings, {
      engine: createWasmEngine({ threads: 1 }),
      onProgress: (one) => progress.push(one),
    });
    const ends = progress.filter(({ recall }) => recall !== undefined);
    expect(ends.map(({ epochs }) => epochs)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(progress.every(({ eventsPerSecond }) => eventsPerSecond > 0)).toBe(true);
    expect(progress.map(({ ended }) => ended)).toEqual([...new Array(progress.length - 1), true]);
    // 360 events per epoch make one point of the curve each.
    const losses = progress.flatMap(({ loss }) => loss ?? []);
    expect(losses).toHaveLength(6);
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
    losses.forEach((loss, epoch) => {
      expect(loss).toBeCloseTo(model.history[epoch]?.loss ?? 0, 12);
    });

    const figures: HeldOutFigures[] = [];
    const onFigures = (one: HeldOutFigures) => void figures.push(one);
    await evaluateHere([model.scorer(), ...fitBaselines(data)], test, { onFigures });
    expect(figures.map(({ name }) => name)).toEqual(['GRU4Rec', 'SR', 'S-KNN']);
    // What follows is certain, and 20 places hold all ten items.
    expect(figures[0]?.mrr).toBeGreaterThan(0.9);
    expect(figures[1]).toEqual({ name: 'SR', recall: 1, mrr: 1 });
    model.dispose();
  });

  it('refuses sessions of another number of items', () => {
    expect(() => trainingSet(splits, ['a', 'b'])).toThrow(
      'sessions: expected 2 items, as the model has, got 10. Make the site again.',
    );
  });

  it('leaves out figures once its signal stops the evaluation', async () => {
    const controller = new AbortController();
    const figures: string[] = [];
    const onFigures = ({ name }: HeldOutFigures) => {
      figures.push(name);
      controller.abort();
    };
    await evaluateHere(fitBaselines(data), test, { signal: controller.signal, onFigures });
    expect(figures).toEqual(['SR']);
  });

  it('stops at its signal', async () => {
    const options = { engine: createWasmEngine({ threads: 1 }), signal: AbortSignal.abort() };
    const training = trainHere(data, undefined, defaultSettings, { ...options, onProgress: () => {} });
    await expect(training).rejects.toThrow('stopped');
  });
});
