import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { DataError } from '@gru4rec/sessions';
import { PARQUET_MARK } from './detect-format.ts';

/** Footer length as uint32, then the mark. */
const TAIL_BYTES = 8;
const MAX_FOOTER_BYTES = 2 ** 28;
/** Maximum elements of a list. Readers allocate memory for the stated number before they read the first. */
const MAX_ELEMENTS = 2 ** 18;
/** Maximum depth of columns. DuckDB reads nested columns recursively: 100,000 levels crash the process. */
const MAX_DEPTH = 100;
/** Maximum depth of structs and lists; those of the format need eight. */
const MAX_NESTING = 32;

/** Types of the compact protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md. */
const types = {
  true: 1,
  false: 2,
  byte: 3,
  int64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
  uuid: 13,
};

/**
 * Checks the footer of a Parquet file before a reader parses it: the depth of its columns, the length of its lists. A file
 * without a footer passes, because every reader refuses it.
 *
 * @param path - the unpacked content of `file`.
 * @throws DataError naming `file`.
 */
export async function checkParquetFooter(path: string, file: string): Promise<void> {
  const handle = await open(path);
  try {
    const footer = await readFooter(handle);
    if (footer !== undefined) await new FooterCheck(footer).run();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new DataError(
      `prepare: "input" expected a sound parquet file, got a damaged one (${cause.message}), at ${file}.`,
      { file, cause },
    );
  } finally {
    await handle.close();
  }
}

async function readFooter(handle: FileHandle): Promise<Buffer | undefined> {
  const { size } = await handle.stat();
  if (size < PARQUET_MARK.length + TAIL_BYTES) return undefined;
  const tail = Buffer.alloc(TAIL_BYTES);
  await handle.read(tail, 0, TAIL_BYTES, size - TAIL_BYTES);
  const length = tail.readUInt32LE(0);
  const start = size - TAIL_BYTES - length;
  if (tail.toString('latin1', 4) !== PARQUET_MARK || start < PARQUET_MARK.length) return undefined;
  if (length > MAX_FOOTER_BYTES) throw new RangeError(`its footer has more than ${MAX_FOOTER_BYTES} bytes`);
  const footer = Buffer.alloc(length);
  await handle.read(footer, 0, length, start);
  return footer;
}

/** A struct, list or map that is being read. */
interface Open {
  /** Type of the elements. Undefined in a struct, where each field has a type. In a map, keys and values alternate. */
  readonly elements: readonly number[] | undefined;
  /** Remaining elements, keys and values of a list or map. */
  left: number;
  /** Id of the last field of a struct. */
  field: number;
}

/** Skips over the values of a footer and counts them. Throws RangeError if it is damaged. */
class FooterCheck {
  readonly #bytes: Buffer;
  #at = 0;
  readonly #open: Open[] = [{ elements: undefined, left: 0, field: 0 }];
  readonly #tree = new ColumnTree();
  #children = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  async run(): Promise<void> {
    for (let steps = 1; this.#open.length > 0; steps++) {
      this.#step(this.#open.at(-1) as Open);
      if (steps % 1_000_000 === 0) await setImmediate();
    }
  }

  #step(open: Open): void {
    if (open.elements !== undefined) {
      if (open.left === 0) this.#open.pop();
      else this.#skip(open.elements[open.left-- % open.elements.length] ?? 0, true);
      return;
    }
    const header = this.#byte();
    if (header === 0) {
      this.#open.pop();
      // An element of the schema: field 2 of the footer, a list.
      if (this.#open.length === 2 && this.#open[0]?.field === 2) this.#tree.add(this.#children);
      this.#children = 0;
      return;
    }
    const delta = header >> 4;
    open.field = delta === 0 ? zigzag(this.#varint()) : open.field + delta;
    this.#skip(header & 15, false);
  }

  /** @param isElement - whether it is in a list or map, where a boolean has a byte. */
  #skip(type: number, isElement: boolean): void {
    if (type === types.true || type === types.false) this.#advance(isElement ? 1 : 0);
    else if (type === types.byte) this.#advance(1);
    else if (type > types.byte && type <= types.int64) this.#number();
    else if (type === types.double) this.#advance(8);
    else if (type === types.binary) this.#advance(this.#varint());
    else if (type === types.uuid) this.#advance(16);
    else if (type === types.struct) this.#begin(undefined, 0);
    else if (type === types.list || type === types.set) this.#list();
    else if (type === types.map) this.#map();
    else throw new RangeError('its footer has a value of an unknown type');
  }

  #number(): void {
    const value = zigzag(this.#varint());
    const [footer, , element] = this.#open;
    // `num_children` of an element of the schema.
    if (this.#open.length === 3 && footer?.field === 2 && element?.field === 5) this.#children = value;
  }

  #list(): void {
    const header = this.#byte();
    const size = header >> 4;
    this.#begin([header & 15], size === 15 ? this.#varint() : size);
  }

  #map(): void {
    const size = this.#varint();
    const header = size === 0 ? 0 : this.#byte();
    this.#begin([header >> 4, header & 15], 2 * size);
  }

  #begin(elements: readonly number[] | undefined, left: number): void {
    if (left > MAX_ELEMENTS)
      throw new RangeError(`its footer has a list of ${left} elements, more than ${MAX_ELEMENTS}`);
    if (left > this.#bytes.length - this.#at) throw new RangeError('its footer has a list without room');
    if (this.#open.length === MAX_NESTING)
      throw new RangeError(`its footer is nested more than ${MAX_NESTING} deep`);
    this.#open.push({ elements, left, field: 0 });
  }

  #byte(): number {
    this.#advance(1);
    return this.#bytes[this.#at - 1] as number;
  }

  #advance(bytes: number): void {
    if (bytes > this.#bytes.length - this.#at) throw new RangeError('its footer is cut short');
    this.#at += bytes;
  }

  /** Unsigned; not exact above 2⁵³. */
  #varint(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 70; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new RangeError('its footer has a number of too many bytes');
  }
}

/** Measures the depth of columns, which are stored depth first, each with the number of its children. */
class ColumnTree {
  /** Remaining children of each open column. */
  readonly #left: number[] = [];

  add(children: number): void {
    const above = this.#left.length - 1;
    if (above >= 0) this.#left[above] = (this.#left[above] ?? 0) - 1;
    if (children > 0) this.#left.push(children);
    if (this.#left.length > MAX_DEPTH)
      throw new RangeError(`its columns are nested more than ${MAX_DEPTH} deep`);
    while (this.#left.at(-1) === 0) this.#left.pop();
  }
}

function zigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
