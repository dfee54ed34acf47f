import { setImmediate } from 'node:timers/promises';
import { sampleSessions } from '@gru4rec/metrics';
import {
  type EpochRecord,
  holdOut,
  type ModelConfig,
  type ModelConfigInput,
  type PresetName,
  parseConfig,
  TrainingStopped,
  type TrainOptions,
  train,
} from '@gru4rec/model';
import { createTpeSampler, type JsonObject, parseSpace } from '@gru4rec/tuning';
import type { TrainingDataset } from '../training/train-model.ts';

export interface ScreenSettings {
  readonly engine: TrainOptions['engine'];
  readonly budgetSeconds: number;
  readonly fixed: Readonly<Record<string, unknown>>;
  readonly say: (line: string) => void;
}

/** Share of the training sessions, the latest ones, that a trial trains on. */
const SHARE = 0.25;
/** Share of these that a trial is measured on without a validation split, and the most sessions of a split. */
const HELD_OUT = 0.1;
const MEASURED_SESSIONS = 1000;
const TRIAL_EPOCHS = 5;
const SEED = 1;

const space = parseSpace({
  learningRate: { type: 'log-uniform', low: 0.01, high: 0.2 },
  momentum: { type: 'uniform', low: 0, high: 0.7 },
  dropoutPEmbed: { type: 'uniform', low: 0, high: 0.6 },
  dropoutPHidden: { type: 'uniform', low: 0, high: 0.6 },
  sampleAlpha: { type: 'uniform', low: 0, high: 0.8 },
});

function trialKeys(bases: readonly PresetName[], number: number): ModelConfigInput {
  const preset = bases[number % bases.length];
  if (number < bases.length) return { preset };
  // Without earlier trials, values are random.
  const request = { space, number, seed: SEED, direction: 'maximize' as const, trials: [] };
  return { preset, ...(createTpeSampler().suggest(request) as JsonObject) };
}

function presetsWith(fixed: Readonly<Record<string, unknown>>): readonly PresetName[] {
  const refused: unknown[] = [];
  const bases = (['best', 'fast'] as const).filter((preset) => {
    try {
      parseConfig({ preset, ...fixed });
      return true;
    } catch (error) {
      refused.push(error);
      return false;
    }
  });
  if (bases.length === 0) throw refused[0];
  return bases;
}

/** By the greatest mean of recall and MRR at 20 on the validation split, or on sessions held out. */
export async function screenConfigs(
  dataset: TrainingDataset,
  settings: ScreenSettings,
): Promise<ModelConfig> {
  const { budgetSeconds, fixed, engine, say } = settings;
  const bases = presetsWith(fixed);
  const started = performance.now();
  const part = (await holdOut(dataset.train, SHARE))?.sessions;
  if (!part) throw new Error('--budget expected at least 400 clicks to screen configurations on, got fewer');
  const signal = AbortSignal.timeout(1000 * budgetSeconds);
  let best: { readonly score: number; readonly config: ModelConfig } | undefined;
  for (let number = 0; !signal.aborted; number++) {
    // Trials of milliseconds never let the event loop turn, on which the signal depends.
    await setImmediate();
    const config = parseConfig({ ...trialKeys(bases, number), ...fixed });
    const score = await trialScore({ ...dataset, train: part }, config, { engine, signal });
    if (score === undefined) break;
    if (!(score <= (best?.score ?? Number.NEGATIVE_INFINITY))) best = { score, config };
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    say(
      `trial ${number}  ${score.toFixed(4)}  ${seconds} s  best ${best?.score.toFixed(4)}  ${shown(trialKeys(bases, number))}`,
    );
  }
  if (best) return best.config;
  throw new Error(
    `--budget expected time for at least one trial, got ${budgetSeconds} s, in which none ended. Give more time, or train without it`,
  );
}

function shown(keys: ModelConfigInput): string {
  return JSON.stringify(keys, (_, value) =>
    typeof value === 'number' ? Number(value.toPrecision(3)) : value,
  );
}

async function trialScore(
  { validation, ...data }: TrainingDataset,
  config: ModelConfig,
  { engine, signal }: Pick<ScreenSettings, 'engine'> & { readonly signal: AbortSignal },
): Promise<number | undefined> {
  const trial = {
    ...config,
    nEpochs: Math.min(TRIAL_EPOCHS, config.nEpochs),
    patience: 1,
    holdOut: HELD_OUT,
  };
  const seen: EpochRecord[] = [];
  try {
    await train(data, trial, {
      engine,
      signal,
      keepDiverged: true,
      onEpoch: (record: EpochRecord) => void seen.push(record),
      validation: validation && sampleSessions(validation, { size: MEASURED_SESSIONS, seed: SEED }),
    });
  } catch (error) {
    if (error instanceof TrainingStopped) return undefined;
    throw error;
  }
  const scores = seen.flatMap(({ validation: figures }) =>
    figures ? [(Number(figures.recall) + Number(figures.mrr)) / 2] : [],
  );
  return Math.max(0, ...scores);
}
