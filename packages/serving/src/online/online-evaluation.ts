import { LRUCache } from 'lru-cache';
import type { ModelStatus } from '../model-status.ts';
import { sessionLimits } from '../session-store.ts';
import type { AnswerEvent, ClickEvent, TrafficObserver } from '../traffic.ts';
import { type OnlineFigures, RankWindow } from './rank-window.ts';

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

/** How real traffic goes on after the answers of a version. */
export interface OnlineReport {
  /** After answers of the model. */
  readonly recommendations: readonly OnlineFigures[];
  /** After the most popular items, which sessions without a known item get. */
  readonly fallback: readonly OnlineFigures[];
}

/** The latest answer of a session that no click has followed. */
interface Awaited {
  readonly answer: AnswerEvent | undefined;
  readonly windows: Windows;
  /** The session's places in the windows. */
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

/**
 * Compares the latest recommendations of each session with its next click. Each answer is judged once, by the first click that
 * follows; a list shorter than k says nothing about recall@k. The figures of a version are about its latest sessions.
 */
export class OnlineEvaluation implements TrafficObserver {
  readonly #limits: OnlineEvaluationLimits;
  readonly #awaited: LRUCache<string, Awaited>;
  /** By model and version. */
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

  /** The figures of the version that serves; at most 5 s old. */
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
