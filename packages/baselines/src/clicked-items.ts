/** The different items of a session that goes on, in order of their last click. */
export class ClickedItems {
  /** Each item with the event, from 1, that clicked it last; ascending by event. */
  readonly lastClicks: Map<number, number> = new Map();
  /** Events so far. */
  length = 0;

  add(item: number): void {
    this.lastClicks.delete(item);
    this.lastClicks.set(item, ++this.length);
  }

  /** The event, from 1, that clicked the item last; 0 if none did. */
  lastClickOf(item: number): number {
    return this.lastClicks.get(item) ?? 0;
  }

  clear(): void {
    this.lastClicks.clear();
    this.length = 0;
  }
}
