/**
 * Number of rows that a write to a variable gives.
 *
 * @param what - names it in messages.
 * @param fromRow - the first row that is written; all are if it is not given.
 * @throws RangeError if the number of values is not rows × cols, or the rows are not whole or too many.
 */
export function rowsWritten(
  what: string,
  { rows, cols }: { readonly rows: number; readonly cols: number },
  length: number,
  fromRow?: number,
): number {
  const given = length / cols;
  if (fromRow === undefined) {
    if (length === rows * cols) return rows;
    throw new RangeError(`${what} expected ${rows * cols} values of [${rows}, ${cols}], got ${length}`);
  }
  const whole = Number.isInteger(fromRow) && fromRow >= 0 && Number.isInteger(given);
  if (whole && fromRow + given <= rows) return given;
  throw new RangeError(
    `${what} expected whole rows of ${cols} within ${rows}, got ${given} from row ${fromRow}`,
  );
}
