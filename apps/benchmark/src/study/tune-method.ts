import { type BaselineName, createBaseline } from '@gru4rec/baselines';
import { evaluateScorer } from '@gru4rec/comparison';
import { type SessionArrays, sampleSessions } from '@gru4rec/metrics';
import { parseConfig, type TrainOptions, train } from '@gru4rec/model';
import {
  bestOf,
  createMedianPruner,
  createTpeSampler,
  type JsonObject,
  openStudyFile,
  runStudy,
  type TrialRecord,
} from '@gru4rec/tuning';
import type { StudyData } from './data-sets.ts';
import type { Method } from './methods.ts';

export const CUTOFF = 20;
const MOST_TRIALS = 300;

export interface Workshop {
  readonly engine: TrainOptions['engine'];
  /** Threads of baselines; models have those of the engine. */
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** What tuning maximises: the mean of both figures; 0 for a model that diverged. */
function scoreOf({ recall, mrr }: { recall?: number; mrr?: number } = {}): number {
  return ((recall ?? 0) + (mrr ?? 0)) / 2 || 0;
}

/** Options of a baseline, or hyper-parameters of a model that differ from the untuned ones. */
export interface Tuned {
  readonly values: JsonObject;
  readonly score: number;
}

/** TPE until the time is spent or there are 300 trials, found again in `study`. */
export async function tuneMethod(
  method: Method,
  data: StudyData,
  { seconds, study, workshop }: { seconds: number; study: string; workshop: Workshop },
): Promise<Tuned> {
  const heldOut = sampleSessions(data.tune.validation, { size: 2500, seed: 1 });
  const untuned = await measure(method, {}, { data, heldOut, workshop });
  if (!method.space) return untuned;
  const storage = await openStudyFile(study);
  const over = new AbortController();
  const limit = (trials: readonly TrialRecord[]) => void (secondsOf(trials) >= seconds && over.abort());
  const start = { ...parseConfig({ ...method.defaults }) } as JsonObject;
  try {
    limit(await storage.trials());
    const { trials } = await runStudy({
      ...{ storage, space: method.space, trials: MOST_TRIALS, seed: 1, direction: 'maximize' },
      sampler: createTpeSampler(method.family === 'gru4rec' ? { start } : {}),
      pruner: createMedianPruner({ warmupSteps: 1 }),
      mostFailures: MOST_TRIALS,
      fingerprint: { checksum: data.checksum, defaults: method.defaults },
      signal: AbortSignal.any([workshop.signal, over.signal]),
      run: async ({ values, report }) =>
        (await measure(method, values, { data, heldOut, workshop }, report)).score,
      onTrial: (_, all) => limit(all),
    });
    workshop.signal.throwIfAborted();
    const best = bestOf(trials, 'maximize');
    if (!best || Number(best.value) <= untuned.score) return untuned;
    return { values: { ...best.values, ...epochsOf(best) }, score: Number(best.value) };
  } finally {
    await storage.close();
  }
}

const secondsOf = (trials: readonly TrialRecord[]): number =>
  trials.reduce((sum, { startedMs, endedMs = startedMs }) => sum + (endedMs - startedMs) / 1000, 0);

/** The best epoch of a GRU4Rec; none for a baseline. */
function epochsOf({ reports, value }: Pick<TrialRecord, 'reports' | 'value'>): JsonObject {
  const best = reports.find((report) => report.value === value);
  return best ? { nEpochs: best.step } : {};
}

/** The score of the best epoch, or of the last one if the learning rate decays. */
async function measure(
  { family, id, defaults }: Method,
  values: JsonObject,
  { data, heldOut, workshop }: { data: StudyData; heldOut: SessionArrays; workshop: Workshop },
  report: (epoch: number, value: number) => boolean = () => false,
): Promise<Tuned> {
  const { engine, threads, signal } = workshop;
  if (family === 'baseline') {
    const baseline = createBaseline(id as BaselineName, data.tune, values);
    const options = { cutoffs: [CUTOFF], tieRule: 'standard', lists: false } as const;
    const { results } = await evaluateScorer(baseline, heldOut, options, { threads });
    return { values, score: scoreOf(results[0]) };
  }
  const config = parseConfig({ ...defaults, ...values, seed: 42 });
  const reports: { step: number; value: number }[] = [];
  await train(data.tune, config, {
    ...{ engine, signal, keepDiverged: true, monitor: heldOut },
    onEpoch({ epoch, validation }) {
      const value = scoreOf(validation);
      reports.push({ step: epoch, value });
      if (report(epoch, value)) throw new Error('pruned');
    },
  });
  const counted = config.learningRateDecay === 'none' ? reports : reports.slice(-1);
  const score = Math.max(0, ...counted.map(({ value }) => value));
  return { values: { ...values, ...epochsOf({ reports: counted, value: score }) }, score };
}
