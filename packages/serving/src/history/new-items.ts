import type { NewItem } from './history-report.ts';

/** The most items that are counted, the latest ones. */
const COUNTED = 200;

/** Counts clicks and lists of the items that were new since the server started. */
export class NewItems {
  readonly #items = new Map<string, { -readonly [Key in keyof NewItem]: NewItem[Key] }>();

  /** @param isNew - whether the model does not know the item; asked only if it is not counted yet. */
  click(id: string, nowMs: number, isNew: () => boolean): void {
    const counted = this.#items.get(id);
    if (counted) counted.clicked++;
    else if (isNew()) {
      this.#items.set(id, { id, firstClickMs: nowMs, clicked: 1, listed: 0 });
      const [oldest] = this.#items.keys();
      if (this.#items.size > COUNTED && oldest !== undefined) this.#items.delete(oldest);
    }
  }

  list(ids: readonly string[]): void {
    if (this.#items.size === 0) return;
    for (const id of ids) {
      const counted = this.#items.get(id);
      if (counted) counted.listed++;
    }
  }

  /** The latest ones, newest first. */
  latest(count: number): readonly NewItem[] {
    return [...this.#items.values()].slice(-count).reverse();
  }
}
