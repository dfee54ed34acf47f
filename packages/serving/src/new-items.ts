import type { ItemsFile } from './items-file.ts';
import type { Models } from './models.ts';
import type { AnswerEvent, ClickEvent, TrafficObserver } from './traffic.ts';

/** The most items that are counted, the latest ones. */
const COUNTED = 200;
/** The most items that are reported. */
const REPORTED = 10;

/** An item that its model did not know when it was first clicked, or that was added to it without a training. */
interface NewItem {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly firstClickMs: number;
  clicked: number;
  /** Lists of recommendations that it was in. */
  listed: number;
}

/** Counts clicks and lists of the items that were new since the server started. */
export class NewItems implements TrafficObserver {
  readonly #models: Models;
  readonly #info: ItemsFile | undefined;
  readonly #items = new Map<string, NewItem>();

  constructor(models: Models, info: ItemsFile | undefined) {
    this.#models = models;
    this.#info = info;
  }

  onClick({ click: { item: id }, model: name }: ClickEvent): void {
    const counted = this.#items.get(id);
    const model = this.#models.get(name);
    if (counted) counted.clicked++;
    else if (model.isReady && (!isKnown(model, id) || model.additions?.isNew(id))) {
      this.#items.set(id, { id, firstClickMs: Date.now(), clicked: 1, listed: 0 });
      const [oldest] = this.#items.keys();
      if (this.#items.size > COUNTED && oldest !== undefined) this.#items.delete(oldest);
    }
  }

  onAnswer({ items }: AnswerEvent): void {
    if (this.#items.size === 0) return;
    for (const id of items) {
      const counted = this.#items.get(id);
      if (counted) counted.listed++;
    }
  }

  /** The latest ones, newest first. */
  report(): readonly object[] {
    const latest = [...this.#items.values()].slice(-REPORTED).reverse();
    return latest.map((item) => ({
      ...{ ...item, title: this.#info?.get(item.id)?.title },
      known: this.#models.all.some((model) => model.isReady && isKnown(model, item.id)),
    }));
  }
}

function isKnown({ inference }: Models['all'][number], id: string): boolean {
  return inference.itemIds.indexOf(id) >= 0;
}
