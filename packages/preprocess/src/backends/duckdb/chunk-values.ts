import {
  DuckDBBigIntVector,
  type DuckDBDataChunk,
  DuckDBDoubleVector,
  DuckDBIntegerVector,
} from '@duckdb/node-api';
import type { Integers } from '../../events/integer-index.ts';

/** The texts of a VARCHAR column. */
export function textsOf(chunk: DuckDBDataChunk, column: number): string[] {
  return chunk.getColumnVector(column).toArray() as string[];
}

/** The values of an INTEGER, BIGINT or DOUBLE column without NULL, in the memory of the chunk. */
export function numbersOf(chunk: DuckDBDataChunk, column: number): Integers {
  const vector = chunk.getColumnVector(column);
  if (vector instanceof DuckDBIntegerVector) return vector['items'];
  if (vector instanceof DuckDBBigIntVector) return vector['items'];
  if (vector instanceof DuckDBDoubleVector) return vector['items'];
  throw new TypeError(`chunk: column ${column} is ${vector.type}.`);
}

/** The values of a column of one of these types. */
export function arrayOf<Values extends Integers>(
  chunk: DuckDBDataChunk,
  column: number,
  type: new (length: number) => Values,
): Values {
  const values = numbersOf(chunk, column);
  if (values instanceof type) return values;
  throw new TypeError(`chunk: column ${column} is not of ${type.name}.`);
}
