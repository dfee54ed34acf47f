/** The distinct items of an open session, in order of their last click. */
export class ClickedItems {
  /** Items with the event, from 1, of their last click; ascending by event. */
  readonly lastClicks: Map<number, number> = new Map();
  /** Number of events so far. */
  length = 0;

  add(item: number): void {
    this.lastClicks.delete(item);
    this.lastClicks.set(item, ++this.length);
  }

  /** The event, from 1, of the item's last click; 0 if there is none. */
  lastClickOf(item: number): number {
    return this.lastClicks.get(item) ?? 0;
  }

  clear(): void {
    this.lastClicks.clear();
    this.length = 0;
  }
}
