import { type SessionArrays, sampleSessions } from '@gru4rec/metrics';
import type { StudyFigures, StudyTuning } from '@gru4rec/report';
import {
  createMedianPruner,
  createTpeSampler,
  type JsonObject,
  openStudyFile,
  type RunningTrial,
  runStudy,
  type Space,
  type TrialRecord,
} from '@gru4rec/tuning';
import type { Cache } from './cache.ts';
import {
  evaluateRanks,
  type FitData,
  figuresOf,
  fitBaseline,
  latestSessions,
  measureModel,
  modelConfig,
  scoreOf,
  type Workshop,
} from './fit.ts';
import type { Method } from './methods.ts';

/** What a method was tuned to, and how. */
export interface Tuning extends StudyTuning {
  /** Options of a baseline, or the hyper-parameters of a model that differ from its untuned configuration. */
  readonly values: JsonObject;
}

/** The budget and the data of tuning. */
export interface TuningTask {
  readonly data: FitData;
  readonly heldOut: SessionArrays;
  readonly budgetSeconds: number;
  readonly cache: Cache;
  /** Path without ending for the study; differs by everything that its trials depend on. */
  readonly study: string;
  readonly workshop: Workshop;
}

/** Share of the budget for screening. */
const SCREENING = 0.5;
/** Trials on all sessions that make screening on a part needless, if there is time for them. */
const ENOUGH_TRIALS = 25;
/** The part: share of the training sessions, and most validation sessions and predictions. */
const PART = 1 / 8;
const PART_SESSIONS = 1000;
const PART_PREDICTIONS = 4000;
/** Most trials; small spaces repeat themselves before. */
const MOST_SCREENED = 300;
const MOST_FULL = 12;
const SEED = 1;

interface Measured extends StudyFigures {
  readonly values: JsonObject;
  readonly seconds: number;
}

/**
 * Tunes a method on validation sessions: trials by TPE with pruning for half of the budget, then the best of them on all
 * sessions, the best first, until the budget is spent. The trials of the first half are on the latest eighth of the training
 * sessions, and on a sample of the validation sessions, where there would be few on all. Each half has at least one trial.
 * The untuned values compete with the best.
 */
export async function tuneMethod(method: Method, task: TuningTask): Promise<Tuning> {
  const { cache, budgetSeconds, data } = task;
  const measured = (values: JsonObject) =>
    cache.get('validated', { method: method.id, defaults: method.defaults, values }, () =>
      measure(method, values, task, data),
    );
  const untuned = await measured({});
  const without = figures(untuned);
  const none = { untuned: without, screened: 0, ended: 0, full: 0, seconds: 0 };
  if (!method.space) return { values: {}, tuned: without, ...none };
  const trials = await screen(method, method.space, task, untuned.seconds);
  const screening = sumSeconds(trials);
  const candidates = bestFirst(trials);
  const full: Measured[] = [];
  for (const { values } of candidates.slice(0, MOST_FULL)) {
    const spent = screening + full.reduce((sum, { seconds }) => sum + seconds, 0);
    const next = full.at(-1)?.seconds ?? 0;
    if (full.length > 0 && spent + next > budgetSeconds) break;
    task.workshop.signal.throwIfAborted();
    full.push(await measured(values));
  }
  const winner = [untuned, ...full].reduce((best, other) => (scoreOf(other) > scoreOf(best) ? other : best));
  return {
    values: winner.values,
    untuned: without,
    tuned: figures(winner),
    screened: trials.length,
    ended: trials.filter(({ state }) => state !== 'complete').length,
    full: full.length,
    seconds: screening + full.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

const figures = ({ recall, mrr }: StudyFigures): StudyFigures => ({ recall, mrr });

/** Measures values on the validation sessions. Of a model, the best number of epochs is added to the values. */
async function measure(
  method: Method,
  values: JsonObject,
  { heldOut, workshop }: TuningTask,
  data: FitData,
): Promise<Measured> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  if (method.family === 'baseline') {
    const evaluation = await evaluateRanks(fitBaseline(method, values, data), heldOut, workshop);
    return { ...figuresOf(evaluation), values, seconds: seconds() };
  }
  const config = modelConfig(method, values);
  const { epoch, ...found } = await measureModel(config, { data, heldOut }, workshop);
  return { ...found, values: { ...values, nEpochs: epoch }, seconds: seconds() };
}

/** Trials on all sessions or a part of them. Trials of an interrupted run are found again. */
async function screen(
  method: Method,
  space: Space,
  task: TuningTask,
  untunedSeconds: number,
): Promise<readonly TrialRecord[]> {
  const { budgetSeconds, study, workshop } = task;
  const isCheap = ENOUGH_TRIALS * untunedSeconds <= SCREENING * budgetSeconds;
  const data = isCheap ? task.data : latestSessions(task.data, PART);
  const heldOut = isCheap ? task.heldOut : samplePart(task.heldOut);
  const storage = await openStudyFile(`${study}.jsonl`);
  const over = new AbortController();
  const signal = AbortSignal.any([workshop.signal, over.signal]);
  const left = (trials: readonly TrialRecord[]) => SCREENING * budgetSeconds - sumSeconds(trials);
  try {
    const earlier = (await storage.trials()).filter(({ state }) => state !== 'running');
    if (earlier.length > 0 && left(earlier) <= 0) return earlier;
    let timer = setTimeout(() => {}, 0);
    const limit = (trials: readonly TrialRecord[]) => {
      clearTimeout(timer);
      const seconds = left(trials);
      if (seconds <= 0) over.abort('the budget is spent');
      else timer = setTimeout(() => over.abort('the budget is spent'), 1000 * seconds);
    };
    if (earlier.length > 0) limit(earlier);
    try {
      const { trials } = await runStudy({
        storage,
        space,
        sampler: createTpeSampler(startOf(method)),
        pruner: createMedianPruner({ warmupSteps: 1 }),
        trials: MOST_SCREENED,
        seed: SEED,
        direction: 'maximize',
        mostFailures: MOST_SCREENED,
        signal,
        run: (trial) =>
          runTrial(method, trial, { ...task, heldOut, workshop: { ...workshop, signal } }, data),
        onTrial: (_, all) => limit(all),
      });
      workshop.signal.throwIfAborted();
      return trials.filter(({ state }) => state !== 'running');
    } finally {
      clearTimeout(timer);
    }
  } finally {
    await storage.close();
  }
}

/** Long sessions are fewer: validating after each epoch would take as long as training on the part. */
function samplePart(heldOut: SessionArrays): SessionArrays {
  const sessions = heldOut.sessionOffsets.length - 1;
  const perSession = (heldOut.items.length - sessions) / sessions;
  const size = Math.min(PART_SESSIONS, Math.ceil(PART_PREDICTIONS / perSession));
  return sampleSessions(heldOut, { size, seed: SEED });
}

/** Few trials of a GRU4Rec fit into a budget, so they are near its untuned values. */
function startOf(method: Method): { readonly start?: JsonObject } {
  return method.family === 'gru4rec' ? { start: { ...modelConfig(method, {}) } as JsonObject } : {};
}

class Pruned extends Error {}

async function runTrial(
  method: Method,
  { values, report }: RunningTrial,
  task: TuningTask,
  data: FitData,
): Promise<number> {
  const { heldOut, workshop } = task;
  if (method.family === 'baseline') return scoreOf(await measure(method, values, task, data));
  const config = modelConfig(method, values);
  return measureModel(config, { data, heldOut }, workshop, (epoch, found) => {
    if (report(epoch, scoreOf(found))) throw new Pruned();
  }).then(scoreOf);
}

function sumSeconds(trials: readonly TrialRecord[]): number {
  return trials.reduce((sum, { startedMs, endedMs = startedMs }) => sum + (endedMs - startedMs) / 1000, 0);
}

/** Complete trials with different values, the best first. */
function bestFirst(trials: readonly TrialRecord[]): TrialRecord[] {
  const complete = trials.filter(({ state }) => state === 'complete');
  const sorted = complete.sort((a, b) => Number(b.value) - Number(a.value) || a.number - b.number);
  const texts = sorted.map(({ values }) => JSON.stringify(values));
  return sorted.filter((_, at) => texts.indexOf(texts[at] ?? '') === at);
}
