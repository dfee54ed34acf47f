import type { ItemsFile } from '../items-file.ts';
import type { Learning } from '../learning/learning.ts';
import type { Metrics } from '../metrics.ts';
import type { ModelEvent } from '../model-status.ts';
import type { Models } from '../models.ts';
import type { OnlineEvaluation } from '../online/online-evaluation.ts';
import type { AnswerEvent, ClickEvent, TrafficObserver } from '../traffic.ts';
import { type AnswerTimes, quantileOf, timesSince } from './answer-times.ts';
import type { HistoryReport, ModelLoad } from './history-report.ts';
import { NewItems } from './new-items.ts';

const MINUTE_MS = 60_000;
/** Samples of a day. */
const SAMPLES = 1440;
/** The most loads that are remembered. */
const LOADS = 20;
/** The most new items that are reported. */
const NEW_ITEMS = 10;

/** A moment of the day. Figures that there are none of are null. */
interface Sample {
  readonly atMs: number;
  /** Of the time since the sample before. */
  readonly answersPerSecond: number;
  readonly p99Ms: number | null;
  /** Of each model, at the longest list. */
  readonly recall: readonly (number | null)[];
  /** Sessions that one of both has won so far. */
  readonly learner: number | null;
  readonly frozen: number | null;
}

/** What samples are taken of. */
export interface HistorySources {
  readonly models: Models;
  readonly metrics: Metrics;
  readonly evaluation: OnlineEvaluation;
  readonly learning: Learning | undefined;
  readonly items: ItemsFile | undefined;
}

/** The last day of a server in memory, a sample per minute, and the latest loads and new items. */
export class History implements TrafficObserver {
  readonly #sources: HistorySources;
  readonly #everyMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #samples: Sample[] = [];
  readonly #loads: ModelLoad[] = [];
  readonly #newItems = new NewItems();
  #before: { readonly atMs: number; readonly times: AnswerTimes | undefined };

  constructor(sources: HistorySources, everyMs: number = MINUTE_MS) {
    this.#sources = sources;
    this.#everyMs = everyMs;
    this.#before = { atMs: performance.now(), times: undefined };
    this.#timer = setInterval(() => this.sample().catch(() => undefined), everyMs).unref();
  }

  /** Remembers a load. */
  loaded(event: ModelEvent): void {
    if (event.kind === 'published' || event.kind === 'items') return;
    const { model } = event;
    const failed = event.kind === 'failed';
    const [version, error] = failed ? [null, event.error.message] : [event.version, null];
    this.#loads.push({ atMs: Date.now(), model, version, error });
    if (this.#loads.length > LOADS) this.#loads.shift();
  }

  onClick({ click, model: name }: ClickEvent): void {
    const model = this.#sources.models.get(name);
    const isNew = () => !isKnown(model, click.item) || (model.additions?.isNew(click.item) ?? false);
    this.#newItems.click(click.item, Date.now(), () => model.isReady && isNew());
  }

  onAnswer({ items }: AnswerEvent): void {
    this.#newItems.list(items);
  }

  /** Takes a sample now. */
  async sample(): Promise<void> {
    const { models, metrics, evaluation, learning } = this.#sources;
    const { atMs: beforeMs, times: before } = this.#before;
    const [atMs, times] = [performance.now(), await metrics.answerTimes()];
    this.#before = { atMs, times };
    const since = timesSince(before, times);
    const answers = since.counts.reduce((sum, count) => sum + count, 0);
    const p99 = quantileOf(since, 0.99);
    const reports = await Promise.all(models.all.map(({ status }) => evaluation.report(status)));
    const { learner = null, frozen = null } = learning?.status?.guard ?? {};
    this.#samples.push({
      atMs: Date.now(),
      answersPerSecond: short(answers / ((atMs - beforeMs) / 1000)),
      p99Ms: p99 === undefined ? null : short(1000 * p99),
      recall: reports.map(({ recommendations }) => short(recommendations.at(-1)?.recall ?? null)),
      ...{ learner, frozen },
    });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  report(): HistoryReport {
    const { models, learning, items } = this.#sources;
    const all = <Value>(of: (sample: Sample) => Value) => this.#samples.map(of);
    const isKnownBySome = (id: string) => models.all.some((model) => model.isReady && isKnown(model, id));
    return {
      everyMs: this.#everyMs,
      atMs: all(({ atMs }) => atMs),
      answersPerSecond: all(({ answersPerSecond }) => answersPerSecond),
      p99Ms: all(({ p99Ms }) => p99Ms),
      recall: models.all.map(({ name }, at) => ({ model: name, values: all(({ recall }) => recall[at]) })),
      guard: learning && { learner: all(({ learner }) => learner), frozen: all(({ frozen }) => frozen) },
      loads: [...this.#loads].reverse(),
      newItems: this.#newItems.latest(NEW_ITEMS).map((item) => {
        return { ...item, title: items?.get(item.id)?.title, known: isKnownBySome(item.id) };
      }),
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
  }
}

function isKnown({ inference }: Models['all'][number], id: string): boolean {
  return inference.itemIds.indexOf(id) >= 0;
}

/** Four digits, so that a day is small. */
function short<Value extends number | null>(value: Value): Value {
  return (value === null ? null : Number(value.toPrecision(4))) as Value;
}
