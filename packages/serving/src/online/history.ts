import { readFileSync } from 'node:fs';
import { createHistogram } from 'node:perf_hooks';
import { replaceFile } from '@gru4rec/durable-files';
import { z } from 'zod';
import type { Metrics } from '../metrics.ts';
import type { Models } from '../models/served-model.ts';
import type { AnswerEvent, ClickEvent, TrafficObserver } from '../traffic.ts';
import type { OnlineEvaluation } from './online-evaluation.ts';

const PERIOD_MS = 300_000;
const KEPT_MS = 86_400_000;
const MOST_BYTES = 1_000_000;

const arm = z.object({
  lists: z.int(),
  /** That name the list they were made in. */
  clicks: z.int(),
  /** Over the latest sessions. */
  recall: z.number().optional(),
});

const period = z.object({
  endMs: z.number(),
  seconds: z.number(),
  requests: z.int(),
  /** With a status of 500 or more. */
  failed: z.int(),
  fallbacks: z.int(),
  /** Of the durations of the requests; undefined without any. */
  p50Ms: z.number().optional(),
  p99Ms: z.number().optional(),
  arms: z.record(z.string(), arm).describe('By the name of the model'),
});

export type Period = z.output<typeof period>;
type Arm = Period['arms'][string];

interface Sources {
  readonly models: Models;
  readonly evaluation: OnlineEvaluation;
  readonly metrics: Metrics;
}

/** The traffic of the last day, in periods of five minutes. */
export class History implements TrafficObserver {
  readonly #context: Sources;
  readonly #file: string | undefined;
  readonly #timer: NodeJS.Timeout;
  #periods: Period[] = [];
  /** Microseconds. */
  readonly #durations = createHistogram();
  #startMs = Date.now();
  #failed = 0;
  #fallbacksBefore = 0;
  #arms = new Map<string, Arm>();

  /** @param file - keeps the periods over a restart; without, none are kept. */
  constructor(file: string | undefined, context: Sources) {
    this.#file = file;
    this.#context = context;
    this.#timer = setInterval(() => this.#end(), PERIOD_MS).unref();
  }

  async restore(): Promise<void> {
    this.#periods = this.#file === undefined ? [] : readPeriods(this.#file);
    const last = this.#periods.at(-1);
    // No server ran in between.
    if (last && Date.now() - last.endMs > PERIOD_MS)
      this.#periods.push(idle(last.endMs + 1), idle(Date.now()));
  }

  onRequest(ms: number, status: number): void {
    this.#durations.record(Math.max(1, Math.round(1000 * ms)));
    if (status >= 500) this.#failed++;
  }

  onAnswer({ model }: AnswerEvent): void {
    this.#arm(model).lists++;
  }

  onClick({ model, recommendationId }: ClickEvent): void {
    if (recommendationId !== undefined) this.#arm(model).clicks++;
  }

  /** The earliest first; the last one is not over. */
  async periods(): Promise<Period[]> {
    const { models, evaluation } = this.#context;
    const arms: Period['arms'] = {};
    for (const { status } of models.all) {
      const figures = (await evaluation.report(status)).recommendations.at(-1);
      // Figures without an interval are about too few sessions.
      const recall = figures?.recallInterval ? figures.recall : undefined;
      arms[status.name] = { ...this.#arm(status.name), recall };
    }
    const endMs = Date.now();
    const requests = this.#durations.count;
    const percentile = (share: number) =>
      requests > 0 ? this.#durations.percentile(share) / 1000 : undefined;
    const current: Period = {
      endMs,
      seconds: Math.max(1, endMs - this.#startMs) / 1000,
      requests,
      failed: this.#failed,
      fallbacks: (await this.#fallbacks()) - this.#fallbacksBefore,
      p50Ms: percentile(50),
      p99Ms: percentile(99),
      arms,
    };
    return [...this.#periods.filter((period) => period.endMs > endMs - KEPT_MS), current];
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#periods = await this.periods();
    this.#fallbacksBefore = await this.#fallbacks();
    this.#durations.reset();
    this.#startMs = Date.now();
    this.#failed = 0;
    this.#arms.clear();
    if (this.#file === undefined) return;
    let text = JSON.stringify(this.#periods);
    while (Buffer.byteLength(text) > MOST_BYTES) {
      this.#periods.shift();
      text = JSON.stringify(this.#periods);
    }
    // A disk that fails is reported by the event log; the curves go on in memory.
    await replaceFile(this.#file, [Buffer.from(text)]).catch(() => undefined);
  }

  #arm(model: string): Arm {
    const known = this.#arms.get(model);
    if (known) return known;
    const made = { lists: 0, clicks: 0 };
    this.#arms.set(model, made);
    return made;
  }

  async #fallbacks(): Promise<number> {
    const { values } = await this.#context.metrics.fallbacks.get();
    return values.reduce((sum, { value }) => sum + value, 0);
  }
}

function idle(endMs: number): Period {
  return { endMs, seconds: 1, requests: 0, failed: 0, fallbacks: 0, arms: {} };
}

/** None of a file that is missing or something else. */
function readPeriods(file: string): Period[] {
  try {
    return z.array(period).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}
