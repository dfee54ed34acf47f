/**
 * Number of rows that a write to a variable covers.
 *
 * @param what - the caller and the variable, for messages.
 * @param fromRow - the first row that is written; if not given, all rows are.
 * @throws RangeError if there are not rows × cols values, or with `fromRow`, not whole rows within the variable.
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
