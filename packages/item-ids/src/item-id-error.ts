/** What is wrong: an id is there twice, is no sound text, lies outside of its bytes, or is one too many for the table. */
export type ItemIdFault = 'repeated' | 'not-text' | 'offsets' | 'full';

/** Ids that cannot be told apart or are none. */
export class ItemIdError extends RangeError {
  override readonly name = 'ItemIdError';
  readonly fault: ItemIdFault;
  /** Item index that the id would have got. */
  readonly index: number;
  /** In words. */
  readonly expected: string;
  readonly got: string;

  constructor(fault: ItemIdFault, index: number, { expected, got }: { expected: string; got: string }) {
    super(`ItemIdTable: "itemId" expected ${expected}, got ${got}, at index ${index}`);
    this.fault = fault;
    this.index = index;
    this.expected = expected;
    this.got = got;
  }
}
