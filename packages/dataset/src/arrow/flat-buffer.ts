const OFFSET_BYTES = 4;

/**
 * A view of a FlatBuffer (https://flatbuffers.dev/internals). Positions are bytes from its start, slots indices of
 * a table's fields. Every method throws RangeError for a position outside of the bytes.
 */
export class FlatBuffer {
  readonly view: DataView;

  /** @param bytes - kept, not copied. */
  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get root(): number {
    return this.view.getUint32(0, true);
  }

  int64(at: number): number {
    return Number(this.view.getBigInt64(at, true));
  }

  /** 0 if the table does not have the field. */
  field(table: number, slot: number): number {
    const vtable = table - this.view.getInt32(table, true);
    const at = 4 + 2 * slot;
    const offset = at < this.view.getUint16(vtable, true) ? this.view.getUint16(vtable + at, true) : 0;
    return offset === 0 ? 0 : table + offset;
  }

  /** 0 if the table does not have the field. */
  byte(table: number, slot: number): number {
    const at = this.field(table, slot);
    return at === 0 ? 0 : this.view.getUint8(at);
  }

  /** Of 64 bits; 0 if the table does not have the field. */
  long(table: number, slot: number): number {
    const at = this.field(table, slot);
    return at === 0 ? 0 : this.int64(at);
  }

  table(table: number, slot: number): number {
    const at = this.field(table, slot);
    if (at === 0) throw new RangeError('a table in its metadata is missing');
    return at + this.view.getUint32(at, true);
  }

  /** Of a vector of structs; none if the table does not have it. */
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

  tables(table: number, slot: number): number[] {
    return this.structs(table, slot, OFFSET_BYTES).map((at) => at + this.view.getUint32(at, true));
  }
}
