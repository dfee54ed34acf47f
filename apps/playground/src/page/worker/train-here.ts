import { createBaseline } from '@gru4rec/baselines';
import { evaluateAsync, figuresAt, type Scorer } from '@gru4rec/metrics';
import {
  type Gru4Rec,
  type ModelConfigInput,
  type PresetName,
  presets,
  type TrainOptions,
  train,
} from '@gru4rec/model';
import type { UnpackedSplits } from '../../site/site-files.ts';

export interface TrainSettings {
  /** A preset of `train`, or `own`: the other choices, and the rest is that of the demo. */
  readonly preset: PresetName | 'own';
  readonly loss: 'cross-entropy' | 'bpr-max';
  readonly units: number;
  readonly epochs: number;
}

export const defaultSettings: TrainSettings = {
  preset: 'own',
  loss: 'cross-entropy',
  units: 100,
  epochs: 5,
};

/** The most epochs that are trained; a preset stops by itself. */
export function mostEpochs({ preset, epochs }: TrainSettings): number {
  return preset === 'own' ? epochs : (presets[preset].nEpochs ?? epochs);
}

export interface TrainProgress {
  /** Epochs done, with the share of the present one. */
  readonly epochs: number;
  /** Mean loss per event since the last point, if enough events were added. */
  readonly loss?: number | undefined;
  /** Since training began, without validation. */
  readonly eventsPerSecond: number;
  /** Recall@20 on held-out sessions, at the end of an epoch. */
  readonly recall?: number | undefined;
  readonly ended?: true;
}

export interface HeldOutFigures {
  readonly name: string;
  readonly recall: number;
  readonly mrr: number;
}

export interface TrainingSet {
  readonly itemIds: readonly string[];
  /** [I] training events per item. */
  readonly support: Int32Array;
  readonly train: UnpackedSplits['train'];
}

const PAGE_BASELINES = ['sr', 's-knn'] as const;

const CUTOFF = 20;
/** The fewest events of a point of the loss curve within an epoch, as a mean of a few would be noise. */
const FEWEST_EVENTS = 500;

/** A preset's, or those of the demo with the learning rate that each loss needs. */
export function configOf({ preset, loss, units, epochs }: TrainSettings): ModelConfigInput {
  if (preset !== 'own') return { ...presets[preset], seed: 1 };
  return {
    loss,
    layers: [units],
    gru: 'reset-after',
    nSample: 512,
    sampleAlpha: 0.5,
    dropoutPHidden: 0.2,
    nEpochs: epochs,
    seed: 1,
    ...(loss === 'cross-entropy'
      ? { logq: 1, batchSize: 64, learningRate: 0.08, momentum: 0 }
      : { bpreg: 1, finalAct: 'elu-1', batchSize: 32, learningRate: 0.1, momentum: 0.2 }),
  };
}

/** Counts the support. @throws RangeError if the sessions are of another number of items. */
export function trainingSet(
  { train: sessions, itemCount }: UnpackedSplits,
  itemIds: readonly string[],
): TrainingSet {
  if (itemCount !== itemIds.length) {
    throw new RangeError(
      `sessions: expected ${itemIds.length} items, as the model has, got ${itemCount}. Make the site again.`,
    );
  }
  const support = new Int32Array(itemCount);
  for (const item of sessions.items) support[item] = (support[item] ?? 0) + 1;
  return { itemIds, support, train: sessions };
}

export function fitBaselines(data: TrainingSet): Scorer[] {
  return PAGE_BASELINES.map((name) => createBaseline(name, data));
}

/**
 * Reports about ten times per second. `monitored` sessions are measured after each epoch; a preset measures those that it holds
 * out instead.
 * @throws TrainingStopped when `signal` stopped it; else as `train`.
 */
export async function trainHere(
  data: TrainingSet,
  monitored: UnpackedSplits['test'],
  settings: TrainSettings,
  {
    onProgress,
    ...options
  }: Pick<TrainOptions, 'engine' | 'signal'> & { readonly onProgress: (progress: TrainProgress) => void },
): Promise<Gru4Rec> {
  // The events and the sum of their losses in the present epoch, up to the last point.
  let last = { epoch: 0, events: 0, sum: 0 };
  const lossSinceLast = (epoch: number, events: number, mean: number, isEnd: boolean) => {
    const isFirst = last.epoch !== epoch;
    const { events: before, sum } = isFirst ? { events: 0, sum: 0 } : last;
    // A short epoch would otherwise have no point.
    const fewest = isEnd && isFirst ? 1 : FEWEST_EVENTS;
    if (events - before < fewest) return undefined;
    last = { epoch, events, sum: mean * events };
    return (mean * events - sum) / (events - before);
  };
  // Without the validation after an epoch.
  const done = { events: 0, seconds: 0 };
  let began = performance.now();
  const model = await train(data, configOf(settings), {
    ...options,
    monitor: monitored,
    onStep: ({ epoch, events, eventsPerEpoch, loss: mean }) => {
      const loss = lossSinceLast(epoch, events, mean, false);
      if (loss === undefined) return;
      const seconds = done.seconds + (performance.now() - began) / 1000;
      const epochs = epoch - 1 + events / eventsPerEpoch;
      onProgress({ epochs, loss, eventsPerSecond: (done.events + events) / seconds });
    },
    onEpoch: ({ epoch, events, loss: mean, seconds, validation }) => {
      done.events += events;
      done.seconds += seconds;
      began = performance.now();
      const loss = lossSinceLast(epoch, events, mean, true);
      const eventsPerSecond = done.events / done.seconds;
      onProgress({ epochs: epoch, eventsPerSecond, loss, recall: validation?.recall });
    },
  });
  const eventsPerSecond = done.events > 0 ? done.events / done.seconds : 0;
  onProgress({ epochs: model.history.length, eventsPerSecond, ended: true });
  return model;
}

/** Figures among all items, given to `onFigures` after each scorer. An aborted `signal` leaves out those that are missing. */
export async function evaluateHere(
  scorers: readonly Scorer[],
  test: NonNullable<UnpackedSplits['test']>,
  {
    signal,
    onFigures,
  }: { readonly signal?: AbortSignal; readonly onFigures: (figures: HeldOutFigures) => void },
): Promise<void> {
  try {
    for (const scorer of scorers) {
      const options = { tieRule: 'standard', slots: 64, signal } as const;
      const { recall, mrr } = figuresAt(await evaluateAsync(scorer, test, options), CUTOFF);
      onFigures({ name: scorer.name, recall, mrr });
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
