import { LRUCache } from 'lru-cache';
import { Gauge, type Registry } from 'prom-client';
import { z } from 'zod';
import type { Models } from '../models/models.ts';
import type { ModelStatus } from '../models/served-model.ts';
import { sessionLimits } from '../sessions/session-store.ts';
import type { AnswerEvent, ClickEvent, TrafficObserver } from '../traffic.ts';
import { type OnlineFigures, onlineFigures, RankWindow } from './rank-window.ts';

/** What is evaluated, and how much is kept. */
export interface OnlineEvaluationLimits {
  /** Lengths of lists that are reported (5, 10, 20). */
  readonly cutoffs: readonly number[];
  /** Sessions that figures are about, the latest ones (10,000). */
  readonly windowSessions: number;
  /** The most sessions whose next click is awaited (50,000, up to 60 MB). */
  readonly maxSessions: number;
  /** A click that comes later than this after the answer belongs to another session (30 minutes). */
  readonly maxAgeMs: number;
}

export const onlineReport = z
  .object({ recommendations: z.array(onlineFigures), fallback: z.array(onlineFigures) })
  .describe('How sessions went on after the answers of this version, over the latest 10,000 sessions');

/** How real traffic goes on after the answers of a version: of the model, and of the most popular items. */
export type OnlineReport = z.output<typeof onlineReport>;

interface Awaited {
  readonly answer: AnswerEvent | undefined;
  readonly windows: Windows;
  readonly places: Readonly<Record<Source, number | undefined>>;
}

type Source = keyof OnlineReport;
type Windows = Readonly<Record<Source, RankWindow>>;

interface Version {
  readonly windows: Windows;
  report: { readonly atMs: number; readonly made: Promise<OnlineReport> } | undefined;
}

const MAX_VERSIONS = 2;
const REPORT_AGE_MS = 5000;

/** Each answer is judged once, by the first click that follows; a list shorter than k says nothing about recall@k. */
export class OnlineEvaluation implements TrafficObserver {
  readonly #limits: OnlineEvaluationLimits;
  readonly #awaited: LRUCache<string, Awaited>;
  readonly #versions = new Map<string, Map<string, Version>>();

  constructor(limits: Partial<OnlineEvaluationLimits> = {}) {
    const { maxAgeMs } = sessionLimits;
    const defaults = { cutoffs: [5, 10, 20], windowSessions: 10_000, maxSessions: 50_000, maxAgeMs };
    this.#limits = { ...defaults, ...limits };
    this.#awaited = new LRUCache({ max: this.#limits.maxSessions, ttl: this.#limits.maxAgeMs, perf: Date });
  }

  onAnswer(answer: AnswerEvent): void {
    if (answer.sessionId === undefined) return;
    const { windows } = this.#version(answer.model, answer.lineage);
    const before = this.#awaited.get(answer.sessionId);
    const places =
      before?.windows === windows ? before.places : { recommendations: undefined, fallback: undefined };
    this.#awaited.set(answer.sessionId, { answer, windows, places });
  }

  onClick({ sessionId, click }: ClickEvent): void {
    const awaited = this.#awaited.get(sessionId);
    if (!awaited?.answer) return;
    const { answer, windows, places } = awaited;
    const source = answer.fallback ? 'fallback' : 'recommendations';
    const rank = answer.items.indexOf(click.item) + 1 || Number.POSITIVE_INFINITY;
    const place = windows[source].add(places[source], rank, answer.items.length);
    this.#awaited.set(sessionId, { answer: undefined, windows, places: { ...places, [source]: place } });
  }

  onDelete(sessionId: string): void {
    this.#awaited.delete(sessionId);
  }

  /** At most 5 s old. */
  report({ name, lineage }: Pick<ModelStatus, 'name' | 'lineage'>): Promise<OnlineReport> {
    const found = this.#versions.get(name)?.get(lineage ?? '');
    if (!found) return Promise.resolve({ recommendations: [], fallback: [] });
    const nowMs = performance.now();
    if (!found.report || nowMs - found.report.atMs > REPORT_AGE_MS) {
      found.report = { atMs: nowMs, made: makeReport(found.windows) };
    }
    return found.report.made;
  }

  #version(model: string, version: string): Version {
    const versions = this.#versions.get(model) ?? new Map<string, Version>();
    this.#versions.set(model, versions);
    const known = versions.get(version);
    if (known) return known;
    const window = () => new RankWindow(this.#limits.cutoffs, this.#limits.windowSessions);
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
  for (const [name, [help, of]] of Object.entries(values)) {
    const gauge: Gauge<'model' | 'source' | 'k'> = new Gauge({
      name: `gru4rec_online_${name}`,
      ...{ help, labelNames: ['model', 'source', 'k'], registers: [registry] },
      async collect() {
        const reports = await Promise.all(
          models.all.map(async ({ status }) => [status.name, await evaluation.report(status)] as const),
        );
        gauge.reset();
        for (const [model, report] of reports) {
          for (const [source, figures] of Object.entries(report)) {
            for (const figure of figures) {
              const value = of(figure);
              if (value !== undefined) gauge.set({ model, source, k: String(figure.k) }, value);
            }
          }
        }
      },
    });
  }
}
