import {
  DuckDBBigIntVector,
  type DuckDBDataChunk,
  DuckDBDoubleVector,
  DuckDBIntegerVector,
} from '@duckdb/node-api';

/** The texts of a VARCHAR column. */
export function textsOf(chunk: DuckDBDataChunk, column: number): string[] {
  return chunk.getColumnVector(column).toArray() as string[];
}

/** The values of an INTEGER or BIGINT column without NULL, in the memory of the chunk. */
export function anyIntegersOf(chunk: DuckDBDataChunk, column: number): Int32Array | BigInt64Array {
  const vector = chunk.getColumnVector(column);
  if (vector instanceof DuckDBIntegerVector) return vector['items'];
  if (vector instanceof DuckDBBigIntVector) return vector['items'];
  throw new TypeError(`chunk: column ${column} is ${vector.type}.`);
}

/** The values of an INTEGER column without NULL, in the memory of the chunk. */
export function integersOf(chunk: DuckDBDataChunk, column: number): Int32Array {
  const values = anyIntegersOf(chunk, column);
  if (values instanceof Int32Array) return values;
  throw new TypeError(`chunk: column ${column} is BIGINT.`);
}

/** The values of a BIGINT column without NULL, in the memory of the chunk. */
export function bigIntegersOf(chunk: DuckDBDataChunk, column: number): BigInt64Array {
  const values = anyIntegersOf(chunk, column);
  if (values instanceof BigInt64Array) return values;
  throw new TypeError(`chunk: column ${column} is INTEGER.`);
}

/** The values of a DOUBLE column without NULL, in the memory of the chunk. */
export function doublesOf(chunk: DuckDBDataChunk, column: number): Float64Array {
  const vector = chunk.getColumnVector(column);
  if (vector instanceof DuckDBDoubleVector) return vector['items'];
  throw new TypeError(`chunk: column ${column} is ${vector.type}.`);
}
