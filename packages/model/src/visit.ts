import { topItems } from '@gru4rec/metrics';
import type { Runtime } from '@gru4rec/program';

/** An item and its score; higher is better, comparable within one answer only. */
export interface Recommendation {
  readonly itemId: string;
  readonly score: number;
}

/** What a visit asks its model. */
interface ItemIndex {
  readonly itemIds: readonly string[];
  itemIndex(itemId: string): number | undefined;
}

/** One visitor's session. Visits of a model share its memory; each keeps its own hidden state. */
export class Visit {
  private readonly runtime: Runtime;
  private readonly model: ItemIndex;
  private readonly states: { name: string; values: ArrayLike<number> }[];
  private readonly seen = new Set<number>();
  private readonly unknownIds: string[] = [];
  private scores: Float32Array | Float64Array | undefined;

  constructor(runtime: Runtime, model: ItemIndex) {
    this.runtime = runtime;
    this.model = model;
    this.states = runtime.variables
      .filter((v) => v.kind === 'state')
      .map(({ name, rows, cols }) => ({ name, values: new Float32Array(rows * cols) }));
  }

  /** Clicked ids that the model does not know; they were skipped. */
  get unknown(): readonly string[] {
    return this.unknownIds;
  }

  /**
   * The visitor looked at an item.
   * @returns false if the model does not know it: the click is skipped.
   */
  click(itemId: string): boolean {
    const index = this.model.itemIndex(itemId);
    if (index === undefined) {
      this.unknownIds.push(itemId);
      return false;
    }
    for (const { name, values } of this.states) this.runtime.write(name, values);
    const resetMask = this.scores ? 0 : 1;
    const { scores } = this.runtime.run('visit', { input: Int32Array.of(index), resetMask });
    this.scores = (scores as Float32Array | Float64Array).slice();
    for (const state of this.states) state.values = this.runtime.read(state.name);
    this.seen.add(index);
    return true;
  }

  /**
   * The most likely next items, best first; equal scores by item index.
   *
   * @param n - how many; fewer come back if there are fewer items.
   * @param options.excludeSeen - leaves out what was clicked in this session.
   * @throws RangeError if n is not a positive integer, or nothing known was clicked yet.
   */
  top(n: number, options: { excludeSeen?: boolean } = {}): Recommendation[] {
    if (!Number.isInteger(n) || n < 1) throw new RangeError(`top: "n" expected a positive integer, got ${n}`);
    const { scores } = this;
    if (!scores) throw new RangeError('top: the session has no known item yet. Call click first.');
    const best = topItems(scores, n, options.excludeSeen ? this.seen : undefined);
    return Array.from(best, (index) => {
      return { itemId: this.model.itemIds[index] as string, score: scores[index] as number };
    });
  }
}
