import { checkArrowBounds } from '@gru4rec/arrow-ipc';
import { ItemIdError, type ItemIds, ItemIdTable } from '@gru4rec/item-ids';
import {
  AsyncByteQueue,
  type Data,
  DataType,
  Field,
  Float32,
  Int32,
  List,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { ModelError } from './model-error.ts';
import type { StoredTensor } from './stored-tensor.ts';

const valuesType = new List(new Field('item', new Float32(), false));

const tensorSchema = new Schema([
  new Field('name', new Utf8(), false),
  new Field('rows', new Int32(), false),
  new Field('cols', new Int32(), false),
  new Field('values', valuesType, false),
]);

/** Collects what the Arrow writer writes. */
class Outbox extends AsyncByteQueue {
  #chunks: Uint8Array[] = [];

  override write(chunk: ArrayBufferLike | ArrayBufferView): void {
    const bytes = ArrayBuffer.isView(chunk)
      ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : new Uint8Array(chunk);
    if (bytes.byteLength > 0) this.#chunks.push(bytes);
  }

  take(): Uint8Array[] {
    const taken = this.#chunks;
    this.#chunks = [];
    return taken;
  }
}

/** Bytes of values per record batch: the Arrow library keeps sizes of buffers in 31 bits. */
const MAX_BATCH_BYTES = 2 ** 31 - 2 ** 20;

/**
 * Tensors as an Arrow file in pieces: one record batch of one row per tensor, values row-major; a larger tensor is several
 * batches of some of its rows. Where possible, pieces are views of the tensors, so that memory never holds a second copy of a
 * table.
 *
 * @param maxBytes - values per record batch.
 */
export function* tensorChunks(
  tensors: readonly StoredTensor[],
  maxBytes: number = MAX_BATCH_BYTES,
): Iterable<Uint8Array> {
  const outbox = new Outbox();
  const writer = new RecordBatchFileWriter();
  writer.reset(outbox, tensorSchema);
  for (const tensor of tensors) {
    for (const part of partsOf(tensor, maxBytes)) {
      writer.write(tensorBatch(part));
      yield* outbox.take();
    }
  }
  writer.finish();
  yield* outbox.take();
}

/** The rows of a tensor, as few parts as `maxBytes` allows. */
function* partsOf(tensor: StoredTensor, maxBytes: number): Iterable<StoredTensor> {
  const { rows, cols, values } = tensor;
  const most = Math.max(1, Math.floor(maxBytes / (4 * cols)));
  for (let row = 0; row === 0 || row < rows; row += most) {
    const count = Math.min(most, rows - row);
    yield { ...tensor, rows: count, values: values.subarray(row * cols, (row + count) * cols) };
  }
}

function tensorBatch({ name, rows, cols, values }: StoredTensor): RecordBatch {
  const child = makeData({ type: new Float32(), length: values.length, data: values });
  const valueOffsets = Int32Array.of(0, values.length);
  const children = [
    vectorFromArray([name], new Utf8()).data[0],
    makeData({ type: new Int32(), length: 1, data: Int32Array.of(rows) }),
    makeData({ type: new Int32(), length: 1, data: Int32Array.of(cols) }),
    makeData({ type: valuesType, length: 1, valueOffsets, child }),
  ].filter((data) => data !== undefined);
  return new RecordBatch(
    tensorSchema,
    makeData({ type: new Struct(tensorSchema.fields), length: 1, children }),
  );
}

/**
 * Tensors of an Arrow file. All have the kind `parameter`; the caller sets the right one.
 *
 * @param bytes - must not change while the tensors are in use, which are views of it. The parts of a tensor of several batches are
 *   moved together.
 * @throws ModelError if it is not such a file, or has a tensor twice: parts of a tensor have the same columns and follow each other.
 */
export function readTensors(file: string, bytes: Uint8Array): StoredTensor[] {
  const table = readTable(file, bytes, ['name', 'rows', 'cols', 'values']);
  const tensors = new Map<string, StoredTensor>();
  for (const batch of table.batches) {
    for (let row = 0; row < batch.numRows; row++) {
      const tensor = guarded(file, () => tensorAt(file, batch, row));
      const before = tensors.get(tensor.name);
      const whole = before && [...tensors.keys()].at(-1) === tensor.name ? joined(before, tensor) : tensor;
      if (before && whole === tensor) throw new ModelError(file, `holds "${tensor.name}" twice`);
      tensors.set(tensor.name, whole);
    }
  }
  return [...tensors.values()];
}

/** The rows of two parts of a tensor in the same memory, in which those of the second are moved; `next` if they are no parts. */
function joined(part: StoredTensor, next: StoredTensor): StoredTensor {
  const { buffer, byteOffset, byteLength } = part.values;
  const isBehind = next.values.buffer === buffer && next.values.byteOffset >= byteOffset + byteLength;
  if (!isBehind || next.cols !== part.cols) return next;
  const { byteOffset: start, byteLength: length } = next.values;
  new Uint8Array(buffer).copyWithin(byteOffset + byteLength, start, start + length);
  const values = new Float32Array(buffer, byteOffset, (byteLength + length) / 4);
  return { ...part, rows: part.rows + next.rows, values };
}

function tensorAt(file: string, batch: RecordBatch, row: number): StoredTensor {
  const at = (column: string): unknown => batch.getChild(column)?.get(row);
  const [name, rows, cols] = [String(at('name')).slice(0, 80), Number(at('rows')), Number(at('cols'))];
  const vector = at('values') as { toArray?(): unknown; nullCount?: number } | null | undefined;
  const values = vector?.toArray?.();
  if (!(values instanceof Float32Array) || vector?.nullCount !== 0 || values.length !== rows * cols) {
    throw new ModelError(file, `"${name}" expected ${rows} × ${cols} float32 values`);
  }
  return { name, kind: 'parameter', rows, cols, values };
}

/** Item ids in index order as an Arrow file with the column `id`, in one record batch. */
export function itemChunks(itemIds: ItemIds): Iterable<Uint8Array> {
  const { utf8: data, offsets: valueOffsets } = ItemIdTable.of(itemIds).packed;
  const ids = makeData({ type: new Utf8(), length: itemIds.length, nullCount: 0, valueOffsets, data });
  return [tableToIPC(new Table({ id: new Vector([ids]) }), 'file')];
}

/** @throws ModelError if it is not such a file, or if an id is missing, repeated or not UTF-8. */
export function readItems(file: string, bytes: Uint8Array): ItemIdTable {
  const column = readTable(file, bytes, ['id']).getChild('id');
  const ids = new ItemIdTable({ items: column?.length ?? 0 });
  for (const data of column?.data ?? []) guarded(file, () => appendIds(file, ids, data));
  return ids;
}

/** Appends ids as bytes. Ids of another type, such as numbers, become strings. */
function appendIds(file: string, ids: ItemIdTable, data: Data): void {
  const count = ids.length + data.length;
  try {
    if (DataType.isUtf8(data.type) && data.nullCount === 0) {
      ids.append({ utf8: data.values, offsets: data.valueOffsets.subarray(0, data.length + 1) });
    } else {
      ids.append(ItemIdTable.from(textsOf(file, data, ids.length)).packed);
    }
  } catch (cause) {
    if (!(cause instanceof ItemIdError)) throw cause;
    const where = cause.fault === 'repeated' ? '' : ` in row ${cause.index + 1}`;
    throw new ModelError(file, `"id" expected ${cause.expected}, got ${cause.got}${where}`);
  }
  if (ids.length < count) throw new RangeError('the offsets of "id" are fewer than its rows');
}

function* textsOf(file: string, data: Data, first: number): Iterable<string> {
  let row = first;
  for (const id of new Vector([data])) {
    row++;
    if (id === null) throw new ModelError(file, `"id" expected a string in row ${row}, got none`);
    yield String(id);
  }
}

/** The table of an Arrow file, after a check that the file is long enough for the counts of its metadata. */
function readTable(file: string, bytes: Uint8Array, columns: readonly string[]): Table {
  const table = guarded(file, () => {
    checkArrowBounds(bytes);
    return tableFromIPC(bytes);
  });
  const missing = columns.filter((name) => table.getChild(name) === null);
  if (missing.length > 0) throw new ModelError(file, `lacks the column ${missing.join(', ')}`);
  return table;
}

/** Reports what the Arrow reader throws as a fault of the file. */
function guarded<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof ModelError ? cause : new ModelError(file, 'is not an Arrow file', { cause });
  }
}
