/**
 * The caller's item ids in order of item index: an `ItemIdTable`, or an array of texts. An array finds an id by looking at
 * all of them; whoever looks up often takes `ItemIdTable.of`.
 */
export interface ItemIds extends Iterable<string> {
  readonly length: number;
  /** Id of an item index; negative ones count from the end, as in an array. */
  at(index: number): string | undefined;
  /** Item index of an id, −1 if it is not there. */
  indexOf(itemId: string): number;
  /** Ids `start` to `end` − 1 as a fresh array, as of an array. */
  slice(start?: number, end?: number): string[];
}
