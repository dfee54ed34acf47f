import type { Inference } from './inference/inference.ts';
import type { ServedModel } from './models.ts';
import type { ClickEvent, TrafficObserver } from './traffic.ts';

/** Time between two renewals of the freshness of items. */
const EVERY_MS = 5000;
/** Clicks, at least, that a version is told of which is loaded later. */
const KEPT = 100_000;

/** Tells the models with freshness what is clicked, every five seconds. A version that is loaded later hears of the last ones. */
export class FreshClicks implements TrafficObserver {
  readonly #models: readonly ServedModel[];
  readonly #timer: NodeJS.Timeout;
  #kept: { readonly itemId: string; readonly timeMs: number }[] = [];
  /** The version of each model that was told of the kept clicks up to a number of them. */
  readonly #told = new Map<ServedModel, { readonly by: Inference; readonly clicks: number }>();
  /** Clicks so far, kept or not. */
  #clicks = 0;

  constructor(models: readonly ServedModel[], everyMs: number = EVERY_MS) {
    this.#models = models;
    this.#timer = setInterval(() => this.#tell(Date.now()), everyMs).unref();
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

  #tell(nowMs: number): void {
    for (const model of this.#models) {
      if (!model.isReady) continue;
      const { inference } = model;
      if (!inference.isFresh) continue;
      const told = this.#told.get(model);
      const since = told?.by === inference ? told.clicks : 0;
      this.#told.set(model, { by: inference, clicks: this.#clicks });
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
