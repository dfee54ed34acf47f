/** The items of a row whose scores differ from the base row, and their scores. */
export class ChangedItems {
  count = 0;
  /** [count], distinct. */
  items: Int32Array = new Int32Array(16);
  /** [count] */
  scores: Float64Array = new Float64Array(16);

  /** Sets an item's score; at most once per item until the row is cleared. */
  readonly set = (item: number, score: number): void => {
    if (this.count === this.items.length) this.#grow();
    this.items[this.count] = item;
    this.scores[this.count++] = score;
  };

  writeTo(row: Float64Array): void {
    for (let place = 0; place < this.count; place++) row[this.items[place]] = this.scores[place];
  }

  #grow(): void {
    const [items, scores] = [this.items, this.scores];
    this.items = new Int32Array(2 * items.length);
    this.items.set(items);
    this.scores = new Float64Array(2 * scores.length);
    this.scores.set(scores);
  }
}
