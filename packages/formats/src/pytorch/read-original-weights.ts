import { type Table, tableFromIPC } from 'apache-arrow';
import { OriginalFormatError } from './parameters.ts';

/** A tensor of the authors' model, row-major float32. */
export interface OriginalTensor {
  readonly rows: number;
  readonly cols: number;
  /** A view of the file's bytes. */
  readonly values: Float32Array;
}

/** Tensors of the authors' PyTorch model, by their names in its `state_dict`. */
export interface OriginalWeights {
  /** For messages. */
  readonly file: string;
  readonly tensors: ReadonlyMap<string, OriginalTensor>;
}

const COLUMNS = ['name', 'rows', 'cols', 'values'] as const;
const MAGIC = 'ARROW1';
const ADVICE = "Write it as this package's README shows.";

/**
 * Reads an Arrow IPC file with the columns name, rows, cols and values, one row per tensor.
 * @param file - its path, for messages.
 * @param bytes - its content. It must not change while the tensors are in use, because they are views of it.
 * @throws OriginalFormatError naming the file, and the first invalid tensor.
 */
export function readOriginalWeights(file: string, bytes: Uint8Array): OriginalWeights {
  const table = openTable(file, bytes);
  const tensors = new Map<string, OriginalTensor>();
  for (let row = 0; row < table.numRows; row++) {
    const [name, tensor] = tensorAt(file, table, row);
    if (tensors.has(name)) {
      throw new OriginalFormatError(
        `readOriginalWeights: "${name}" expected one tensor of this name, got a second one, at ${file}:${row + 1}. ${ADVICE}`,
      );
    }
    tensors.set(name, tensor);
  }
  return { file, tensors };
}

/** A truncated Arrow file is not. */
function isWhole(bytes: Uint8Array): boolean {
  const decoder = new TextDecoder();
  const ends = [bytes.subarray(0, MAGIC.length), bytes.subarray(-MAGIC.length)];
  return bytes.length > 2 * MAGIC.length && ends.every((end) => decoder.decode(end) === MAGIC);
}

function openTable(file: string, bytes: Uint8Array): Table {
  const where = `readOriginalWeights: "${file}"`;
  if (!isWhole(bytes)) {
    throw new OriginalFormatError(
      `${where} expected a complete Arrow IPC file, got another kind of file. ${ADVICE}`,
    );
  }
  let columns: readonly string[];
  let table: Table;
  try {
    table = tableFromIPC(bytes);
    columns = table.schema.fields.map((field) => String(field.name));
  } catch (cause) {
    throw new OriginalFormatError(
      `${where} expected an uncompressed Arrow IPC file, got an unreadable one. ${ADVICE}`,
      { cause },
    );
  }
  const missing = COLUMNS.filter((name) => !columns.includes(name));
  if (missing.length === 0 && table.numRows > 0) return table;
  const got = missing.length === 0 ? 'no rows' : `no ${missing.join(', ')}`;
  throw new OriginalFormatError(
    `${where} expected rows with the columns ${COLUMNS.join(', ')}, got ${got}. ${ADVICE}`,
  );
}

function tensorAt(file: string, table: Table, row: number): [string, OriginalTensor] {
  let name = '';
  try {
    const at = (column: string): unknown => table.getChild(column)?.get(row);
    name = String(at('name') ?? '');
    const [rows, cols] = [Number(at('rows')), Number(at('cols'))];
    const vector = at('values') as { toArray?(): unknown; nullCount?: number } | null | undefined;
    const values = vector?.toArray?.();
    const isFloat32 = values instanceof Float32Array && vector?.nullCount === 0;
    if (isFloat32 && rows > 0 && cols > 0 && values.length === rows * cols) {
      return [name, { rows, cols, values }];
    }
  } catch (cause) {
    throw broken(file, name, row, { cause });
  }
  throw broken(file, name, row);
}

function broken(file: string, name: string, row: number, options?: ErrorOptions): OriginalFormatError {
  return new OriginalFormatError(
    `readOriginalWeights: "${name.slice(0, 80)}" expected rows × cols float32 values, got other values, at ${file}:${row + 1}. ${ADVICE}`,
    options,
  );
}
