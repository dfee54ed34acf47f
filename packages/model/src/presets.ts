import type { ModelConfigInput, PresetName } from './model-config.ts';

/** Stops by itself, learns the latest sessions last, and fits its repeat bias; see decision 0042. */
const untilBest = { repeatBias: 'auto', repeatLength: 20, holdOut: 0.02, patience: 2 } as const;

/**
 * Complete choices of hyper-parameters, chosen by validation figures on five data sets (decision 0043): `best` by accuracy,
 * `fast` by time. Keys that a preset omits have their defaults.
 */
export const presets: Readonly<Record<PresetName, ModelConfigInput>> = {
  best: {
    loss: 'bpr-max',
    layers: [224],
    gru: 'reset-after',
    sampleAlpha: 0.4,
    bpreg: 1.95,
    dropoutPEmbed: 0.5,
    dropoutPHidden: 0.05,
    momentum: 0.4,
    nEpochs: 10,
    ...untilBest,
  },
  fast: {
    gru: 'reset-after',
    logq: 1,
    hardNegatives: 64,
    dropoutPHidden: 0.2,
    learningRate: 0.03,
    momentum: 0.2,
    nEpochs: 8,
    ...untilBest,
  },
};

/** The preset of a training whose configuration is empty. */
export const DEFAULT_PRESET: PresetName = 'best';

/** Whether a text is the name of a preset. */
export function isPreset(name: unknown): name is PresetName {
  return typeof name === 'string' && Object.hasOwn(presets, name);
}
