/** Bytes of an offset, and of a vector's count. */
const OFFSET_BYTES = 4;

/**
 * A view of a FlatBuffer (https://flatbuffers.dev/internals). Positions are in bytes from its start, slots are indices of
 * a table's fields. Every method throws RangeError for a position outside of the bytes.
 */
export class FlatBuffer {
  readonly view: DataView;

  /** @param bytes - kept, not copied. */
  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Position of the root table. */
  get root(): number {
    return this.view.getUint32(0, true);
  }

  int64(at: number): number {
    return Number(this.view.getBigInt64(at, true));
  }

  /** Position of a table's field, 0 if the table does not have it. */
  field(table: number, slot: number): number {
    const vtable = table - this.view.getInt32(table, true);
    const at = 4 + 2 * slot;
    const offset = at < this.view.getUint16(vtable, true) ? this.view.getUint16(vtable + at, true) : 0;
    return offset === 0 ? 0 : table + offset;
  }

  /** Value of a table's byte field, 0 if the table does not have it. */
  byte(table: number, slot: number): number {
    const at = this.field(table, slot);
    return at === 0 ? 0 : this.view.getUint8(at);
  }

  /** Value of a table's field of 64 bits, 0 if the table does not have it. */
  long(table: number, slot: number): number {
    const at = this.field(table, slot);
    return at === 0 ? 0 : this.int64(at);
  }

  /** Position of the table that a table's field points to. */
  table(table: number, slot: number): number {
    const at = this.field(table, slot);
    if (at === 0) throw new RangeError('a table in its metadata is missing');
    return at + this.view.getUint32(at, true);
  }

  /** Positions of the elements of a vector of structs; none if the table does not have it. */
  structs(table: number, slot: number, elementBytes: number): number[] {
    const field = this.field(table, slot);
    if (field === 0) return [];
    const start = field + this.view.getUint32(field, true);
    const count = this.view.getUint32(start, true);
    if (count * elementBytes > this.view.byteLength - start - OFFSET_BYTES) {
      throw new RangeError('a vector in its metadata is out of bounds');
    }
    return Array.from({ length: count }, (_, index) => start + OFFSET_BYTES + index * elementBytes);
  }

  /** Positions of the tables that a vector points to. */
  tables(table: number, slot: number): number[] {
    return this.structs(table, slot, OFFSET_BYTES).map((at) => at + this.view.getUint32(at, true));
  }
}
