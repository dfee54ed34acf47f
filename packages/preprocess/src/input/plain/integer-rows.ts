/** Bytes that are read at once. Longer lines are not plain. */
export const BLOCK_BYTES: number = 1 << 20;

/** Most digits of an integer that is exact as a number. */
const MAX_DIGITS = 15;
const [ZERO, NINE] = [48, 57] as const;

/** Rows of a block: a session, an item and a time each, as integers. */
export class IntegerRows {
  /** The bytes of the block. */
  readonly bytes: Uint8Array = new Uint8Array(2 * BLOCK_BYTES);
  readonly sessions: Float64Array;
  readonly items: Float64Array;
  readonly times: Float64Array;
  /** Number of rows. */
  length = 0;
  /** Where the integer that was read last ends. */
  end = 0;

  constructor() {
    const most = Math.ceil(this.bytes.length / LEAST_ROW_BYTES);
    this.sessions = new Float64Array(most);
    this.items = new Float64Array(most);
    this.times = new Float64Array(most);
  }

  /**
   * Reads a plain integer: at most 15 digits, without leading zeros.
   *
   * @returns -1 if there is none at this place; otherwise `end` is its end.
   */
  integerAt(at: number): number {
    const { bytes } = this;
    let value = 0;
    let end = at;
    for (; ; end++) {
      const byte = bytes[end] as number;
      if (byte < ZERO || byte > NINE) break;
      value = 10 * value + byte - ZERO;
    }
    this.end = end;
    const isPlain = end > at && end - at <= MAX_DIGITS && (bytes[at] !== ZERO || end === at + 1);
    return isPlain ? value : -1;
  }
}

/** Three digits, two delimiters and the end of the line. */
const LEAST_ROW_BYTES = 6;

/** Reads all lines of a block. */
export interface LineReader {
  /**
   * Adds the rows of whole lines, from `start` to `end` (exclusive) of the bytes.
   *
   * @returns false at a line that is not plain.
   */
  read(rows: IntegerRows, start: number, end: number): boolean;
  /** Whether the first line is a header. */
  readonly hasHeader: boolean;
}
