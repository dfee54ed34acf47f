import { setImmediate } from 'node:timers/promises';
import { bootstrapIntervals, metrics } from '@gru4rec/metrics';
import { LRUCache } from 'lru-cache';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import { type ReadMetric, registerReadMetrics } from '../metrics.ts';
import type { ModelStatus, Models } from '../models/served-model.ts';
import { sessionLimits } from '../sessions/session-store.ts';
import type { AnswerEvent, ClickEvent, TrafficObserver } from '../traffic.ts';

/** Lengths of lists that are reported. */
const CUTOFFS = [5, 10, 20];
/** Sessions that figures are about, the latest ones. */
const WINDOW_SESSIONS = 10_000;
/** The most sessions whose next click is awaited, up to 60 MB. */
const MOST_AWAITED = 50_000;
const MAX_VERSIONS = 2;
const REPORT_AGE_MS = 5000;

/** Lower and upper bound of 95 %. */
const interval = z.tuple([z.number(), z.number()]).nullable();

const onlineFigures = z.object({
  k: z.int().describe('Length of the list'),
  sessions: z.int(),
  predictions: z.int().describe('Clicks that followed a list of k items or more'),
  recall: z.number(),
  recallInterval: interval.describe('95 %; null with fewer than 30 sessions'),
  mrr: z.number(),
  mrrInterval: interval,
});

/** Figures of the next clicks of sessions, at one length of the list. */
export type OnlineFigures = z.output<typeof onlineFigures>;

export const onlineReport = z
  .object({ recommendations: z.array(onlineFigures), fallback: z.array(onlineFigures) })
  .describe('How sessions went on after the answers of this version, over the latest 10,000 sessions');

/** How traffic goes on after answers of the model, and of the most popular items. */
export type OnlineReport = z.output<typeof onlineReport>;

interface Awaited {
  answer: AnswerEvent | undefined;
  readonly windows: Windows;
  readonly places: Record<Source, number | undefined>;
}

type Source = keyof OnlineReport;
type Windows = Readonly<Record<Source, RankWindow>>;

interface Version {
  readonly windows: Windows;
  report: { readonly atMs: number; readonly made: Promise<OnlineReport> } | undefined;
}

/** Each answer is judged once, by the first click that follows; a list shorter than k says nothing about recall@k. */
export class OnlineEvaluation implements TrafficObserver {
  readonly #awaited: LRUCache<string, Awaited>;
  readonly #versions = new Map<string, Map<string, Version>>();

  /** @param maxAgeMs - a click that comes later than this after the answer belongs to another session. */
  constructor(maxAgeMs: number = sessionLimits.maxAgeMs) {
    this.#awaited = new LRUCache({ max: MOST_AWAITED, ttl: maxAgeMs, perf: Date });
  }

  onAnswer(answer: AnswerEvent): void {
    if (answer.sessionId === undefined) return;
    const { windows } = this.#version(answer.model, answer.lineage);
    let awaited = this.#awaited.get(answer.sessionId);
    if (awaited?.windows === windows) awaited.answer = answer;
    else awaited = { answer, windows, places: { recommendations: undefined, fallback: undefined } };
    this.#awaited.set(answer.sessionId, awaited);
  }

  onClick({ sessionId, click }: ClickEvent): void {
    const awaited = this.#awaited.get(sessionId);
    if (!awaited?.answer) return;
    const { answer, windows, places } = awaited;
    const source = answer.fallback ? 'fallback' : 'recommendations';
    const rank = answer.items.indexOf(click.item) + 1 || Number.POSITIVE_INFINITY;
    places[source] = windows[source].add(places[source], rank, answer.items.length);
    awaited.answer = undefined;
  }

  onDelete(sessionId: string): void {
    this.#awaited.delete(sessionId);
  }

  /** At most 5 s old. */
  report({ name, lineage }: Pick<ModelStatus, 'name' | 'lineage'>): Promise<OnlineReport> {
    const version = this.#versions.get(name)?.get(lineage ?? '');
    if (!version) return Promise.resolve({ recommendations: [], fallback: [] });
    const nowMs = performance.now();
    if (!version.report || nowMs - version.report.atMs > REPORT_AGE_MS) {
      version.report = { atMs: nowMs, made: makeReport(version.windows) };
    }
    return version.report.made;
  }

  #version(model: string, version: string): Version {
    const versions = this.#versions.get(model) ?? new Map<string, Version>();
    this.#versions.set(model, versions);
    const known = versions.get(version);
    if (known) return known;
    const window = () => new RankWindow(CUTOFFS, WINDOW_SESSIONS);
    const made: Version = { windows: { recommendations: window(), fallback: window() }, report: undefined };
    versions.set(version, made);
    const [oldest] = versions.keys();
    if (versions.size > MAX_VERSIONS && oldest !== undefined) versions.delete(oldest);
    return made;
  }
}

async function makeReport({ recommendations, fallback }: Windows): Promise<OnlineReport> {
  return { recommendations: await recommendations.figures(), fallback: await fallback.figures() };
}

const values: Readonly<
  Record<string, readonly [help: string, of: (figures: OnlineFigures) => number | undefined]>
> = {
  recall: ['Share of the next clicks that were among the first k recommendations', ({ recall }) => recall],
  recall_lower: ['Lower bound of its 95 % interval', ({ recallInterval }) => recallInterval?.[0]],
  recall_upper: ['Upper bound of its 95 % interval', ({ recallInterval }) => recallInterval?.[1]],
  mrr: ['Mean reciprocal rank of the next clicks among the first k recommendations', ({ mrr }) => mrr],
  mrr_lower: ['Lower bound of its 95 % interval', ({ mrrInterval }) => mrrInterval?.[0]],
  mrr_upper: ['Upper bound of its 95 % interval', ({ mrrInterval }) => mrrInterval?.[1]],
  predictions: ['Clicks that these figures are about', ({ predictions }) => predictions],
  sessions: ['Sessions that these figures are about', ({ sessions }) => sessions],
};

/** As `gru4rec_online_…`, per model, source of the answer and k. */
export function registerOnlineMetrics(
  registry: Registry,
  evaluation: OnlineEvaluation,
  models: Models,
): void {
  const named = Object.entries(values).map(([name, [help, of]]): [string, ReadMetric] => {
    const valuesOf = async ({ status }: Models['all'][number]) =>
      Object.entries(await evaluation.report(status)).flatMap(([source, figures]) =>
        figures.flatMap((figure) => {
          const value = of(figure);
          return value === undefined
            ? []
            : [[{ model: status.name, source, k: String(figure.k) }, value] as const];
        }),
      );
    return [
      `gru4rec_online_${name}`,
      [help, async () => (await Promise.all(models.all.map(valuesOf))).flat()],
    ];
  });
  registerReadMetrics(registry, Object.fromEntries(named), ['model', 'source', 'k']);
}

/** With fewer, `@gru4rec/metrics` warns of intervals. */
const MIN_SESSIONS = 30;

/** The most units that are resampled: more sessions are first added up in groups, which are as independent. */
const MAX_UNITS = 200;
const RESAMPLES = 400;

/** [sessions] per session, in a ring. */
interface CutoffSums {
  readonly k: number;
  readonly counts: Float64Array;
  readonly recalls: Float64Array;
  readonly mrrs: Float64Array;
}

/** Sums per session, of the latest ones. */
export class RankWindow {
  readonly #cutoffs: readonly CutoffSums[];
  readonly #maxSessions: number;
  #opened = 0;

  constructor(cutoffs: readonly number[], maxSessions: number) {
    const sums = () => new Float64Array(maxSessions);
    this.#cutoffs = cutoffs.map((k) => ({ k, counts: sums(), recalls: sums(), mrrs: sums() }));
    this.#maxSessions = maxSessions;
  }

  /**
   * @param session - what this returned for the session's click before; undefined at its first one.
   * @param rank - of the clicked item in the list, from 1; Infinity if it is not in it.
   * @param length - of the list. Only cutoffs up to it have a prediction.
   * @returns identifies the session.
   */
  add(session: number | undefined, rank: number, length: number): number {
    const isKept = session !== undefined && session > this.#opened - 1 - this.#maxSessions;
    const place = isKept ? session : this.#open();
    const at = place % this.#maxSessions;
    for (const { k, counts, recalls, mrrs } of this.#cutoffs) {
      if (length < k) continue;
      counts[at]++;
      recalls[at] += metrics.recall.of([rank], k);
      mrrs[at] += metrics.mrr.of([rank], k);
    }
    return place;
  }

  /** Per cutoff that has a prediction. Other work may run in between. */
  async figures(): Promise<OnlineFigures[]> {
    const found: OnlineFigures[] = [];
    for (const sums of this.#cutoffs) {
      const figures = figuresOf(sums);
      if (figures) found.push(figures);
      await setImmediate();
    }
    return found;
  }

  #open(): number {
    const at = this.#opened % this.#maxSessions;
    for (const { counts, recalls, mrrs } of this.#cutoffs) counts[at] = recalls[at] = mrrs[at] = 0;
    return this.#opened++;
  }
}

function figuresOf({ k, counts, recalls, mrrs }: CutoffSums): OnlineFigures | undefined {
  const sessions = [...counts.keys()].filter((at) => counts[at] > 0);
  if (sessions.length === 0) return undefined;
  const units = Math.min(sessions.length, MAX_UNITS);
  const [count, recall, mrr] = [counts, recalls, mrrs].map((sums) => {
    const sumsOfUnits = new Float64Array(units);
    for (const [order, at] of sessions.entries()) sumsOfUnits[order % units] += sums[at];
    return sumsOfUnits;
  });
  const predictions = sum(count);
  const [recallInterval, mrrInterval] =
    sessions.length < MIN_SESSIONS
      ? [null, null]
      : bootstrapIntervals([recall, mrr], count, { resamples: RESAMPLES, seed: 1 });
  return {
    k,
    sessions: sessions.length,
    predictions,
    recall: sum(recall) / predictions,
    recallInterval,
    mrr: sum(mrr) / predictions,
    mrrInterval,
  };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
