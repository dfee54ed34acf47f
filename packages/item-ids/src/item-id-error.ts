/**
 * Why an id was refused: the table has it already (`repeated`), it is not valid Unicode (`not-text`), its offsets are
 * out of order or out of bounds (`offsets`), or the ids would take 2 GiB (`full`).
 */
export type ItemIdFault = 'repeated' | 'not-text' | 'offsets' | 'full';

/** An id that cannot be added to an `ItemIdTable`. */
export class ItemIdError extends RangeError {
  override readonly name = 'ItemIdError';
  readonly fault: ItemIdFault;
  /** Item index that the id would have had. */
  readonly index: number;
  /** Part of the message, such as `unique ids`. */
  readonly expected: string;
  /** Part of the message, such as `"a" twice`. */
  readonly got: string;

  constructor(fault: ItemIdFault, index: number, { expected, got }: { expected: string; got: string }) {
    super(`ItemIdTable: "itemId" expected ${expected}, got ${got}, at index ${index}`);
    this.fault = fault;
    this.index = index;
    this.expected = expected;
    this.got = got;
  }
}
