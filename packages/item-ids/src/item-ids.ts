/**
 * The caller's item ids by item index: an `ItemIdTable` or an array of strings. `indexOf` of an array searches all ids,
 * so make a table with `ItemIdTable.of` for frequent lookups.
 */
export interface ItemIds extends Iterable<string> {
  readonly length: number;
  /** Id of an item index. Negative indices count from the end, as in an array. */
  at(index: number): string | undefined;
  /** Item index of an id, −1 if the id is unknown. */
  indexOf(itemId: string): number;
  /** A new array of ids `start` to `end` − 1, bounds as in `Array.prototype.slice`. */
  slice(start?: number, end?: number): string[];
}
