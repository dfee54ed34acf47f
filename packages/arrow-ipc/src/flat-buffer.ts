/** Bytes of an offset, and of a vector's count. */
const OFFSET_BYTES = 4;

/**
 * A view of a FlatBuffer (https://flatbuffers.dev/internals) that checks every position. Positions are in bytes from
 * its start, slots are indices of a table's fields.
 *
 * Every method throws RangeError for a position outside of the bytes.
 */
export class FlatBuffer {
  readonly #view: DataView;

  /** @param bytes - kept, not copied. */
  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Position of the root table. */
  get root(): number {
    return this.#view.getUint32(0, true);
  }

  int16(at: number): number {
    return this.#view.getInt16(at, true);
  }

  int32(at: number): number {
    return this.#view.getInt32(at, true);
  }

  int64(at: number): number {
    return Number(this.#view.getBigInt64(at, true));
  }

  setInt64(at: number, value: number): void {
    this.#view.setBigInt64(at, BigInt(value), true);
  }

  /** Position of a table's field, 0 if the table does not have it. */
  field(table: number, slot: number): number {
    const offset = this.#fieldOffset(table, slot);
    return offset === 0 ? 0 : table + offset;
  }

  /** Removes a field from a table, and from all tables that share its vtable. */
  dropField(table: number, slot: number): void {
    if (this.#fieldOffset(table, slot) === 0) return;
    this.#view.setUint16(this.vtableOf(table) + 4 + 2 * slot, 0, true);
  }

  /** Position of a table's vtable, which lists the offsets of its fields. Tables of the same layout may share it. */
  vtableOf(table: number): number {
    return table - this.int32(table);
  }

  /** Value of a table's byte field, 0 if the table does not have it. */
  byte(table: number, slot: number): number {
    const at = this.field(table, slot);
    return at === 0 ? 0 : this.#view.getUint8(at);
  }

  /** Position of the table that a table's field points to. */
  table(table: number, slot: number): number {
    const at = this.field(table, slot);
    if (at === 0) throw new RangeError('a table in its metadata is missing');
    return at + this.#view.getUint32(at, true);
  }

  /** Position of a vector's first element, and the number of its elements; both 0 if the table does not have it. */
  vector(table: number, slot: number, elementBytes: number): { at: number; count: number } {
    const field = this.field(table, slot);
    if (field === 0) return { at: 0, count: 0 };
    const start = field + this.#view.getUint32(field, true);
    const count = this.#view.getUint32(start, true);
    if (count * elementBytes > this.#view.byteLength - start - OFFSET_BYTES) {
      throw new RangeError('a vector in its metadata is out of bounds');
    }
    return { at: start + OFFSET_BYTES, count };
  }

  /** Positions of the elements of a vector of structs. */
  structs(table: number, slot: number, elementBytes: number): number[] {
    const { at, count } = this.vector(table, slot, elementBytes);
    return Array.from({ length: count }, (_, index) => at + index * elementBytes);
  }

  /** Positions of the tables that a vector points to. */
  tables(table: number, slot: number): number[] {
    return this.structs(table, slot, OFFSET_BYTES).map((at) => at + this.#view.getUint32(at, true));
  }

  #fieldOffset(table: number, slot: number): number {
    const vtable = this.vtableOf(table);
    const at = 4 + 2 * slot;
    return at < this.#view.getUint16(vtable, true) ? this.#view.getUint16(vtable + at, true) : 0;
  }
}
