/** The place in the input where an error was found. */
export interface DataErrorPlace {
  /** Path as the caller gave it. */
  readonly file?: string | undefined;
  /** From 1: a line of a text file, its header included; a record of a Parquet file. */
  readonly row?: number | undefined;
  /** Name of the column. */
  readonly column?: string | undefined;
  readonly cause?: unknown;
}

/** Bad input: a message of one line, and the place of the error. */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly file?: string;
  readonly row?: number;
  readonly column?: string;

  constructor(message: string, place: DataErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    if (place.file !== undefined) this.file = place.file;
    if (place.row !== undefined) this.row = place.row;
    if (place.column !== undefined) this.column = place.column;
  }
}

export function broken(path: string, what: string, expected: string, got: unknown): DataError {
  const message = `readDataset: "${what}" expected ${expected}, got ${String(got)}, at ${path}. Prepare the dataset again.`;
  return new DataError(message, { file: path, column: what });
}
