import type { ModelVersion } from '../inference/model-version.ts';
import type { ClickEvent, TrafficObserver } from '../traffic.ts';
import type { ServedModel } from './served-model.ts';

const EVERY_MS = 5000;
/** The latest clicks, at least, that are sent to a version which is loaded later. */
const KEPT = 100_000;

export class FreshClicks implements TrafficObserver {
  readonly #models: readonly ServedModel[];
  readonly #timer: NodeJS.Timeout;
  #kept: { readonly itemId: string; readonly timeMs: number }[] = [];
  /** The version of each model that the clicks were sent to, and the number of clicks by then. */
  readonly #sent = new Map<ServedModel, { readonly to: ModelVersion; readonly clicks: number }>();
  #clicks = 0;

  constructor(models: readonly ServedModel[], everyMs: number = EVERY_MS) {
    this.#models = models;
    this.#timer = setInterval(() => this.#send(Date.now()), everyMs).unref();
  }

  onClick({ click }: ClickEvent): void {
    if (!this.#models.some((model) => model.isReady && model.inference.isFresh)) return;
    this.#clicks++;
    this.#kept.push({ itemId: click.item, timeMs: Date.now() });
    if (this.#kept.length >= 2 * KEPT) this.#kept = this.#kept.slice(-KEPT);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
  }

  #send(nowMs: number): void {
    for (const model of this.#models) {
      if (!model.isReady) continue;
      const { inference } = model;
      if (!inference.isFresh) continue;
      const sent = this.#sent.get(model);
      const since = sent?.to === inference ? sent.clicks : 0;
      this.#sent.set(model, { to: inference, clicks: this.#clicks });
      const clicks = this.#kept
        .slice(Math.max(0, this.#kept.length - (this.#clicks - since)))
        .map(({ itemId, timeMs }) => ({ item: inference.itemIds.indexOf(itemId), timeMs }))
        .filter(({ item }) => item >= 0);
      inference.follow({
        items: Int32Array.from(clicks, ({ item }) => item),
        timesMs: Float64Array.from(clicks, ({ timeMs }) => timeMs),
        nowMs,
      });
    }
  }
}
