import { isUtf8 } from 'node:buffer';
import { ArrowError } from '@gru4rec/dataset/arrow';
import {
  type Data,
  DataType,
  DateUnit,
  type Decimal,
  type Dictionary,
  Precision,
  TimeUnit,
  util,
  type Vector,
} from 'apache-arrow';

/** Maximum bytes of a text, like those of a line of JSON. */
const MAX_TEXT_BYTES = 16 << 20;

/** DuckDB casts its fractional numbers to text like those of Parquet. */
export type ArrowColumnType = 'VARCHAR' | 'FLOAT' | 'DOUBLE';
export type ArrowValue = string | number | null;

export type ValueAt = (row: number) => ArrowValue;

/** @returns undefined if a column has neither texts nor numbers nor times. */
export function columnTypeOf(type: DataType): ArrowColumnType | undefined {
  if (DataType.isDictionary(type)) {
    return DataType.isDictionary(type.dictionary) ? undefined : columnTypeOf(type.dictionary);
  }
  if (DataType.isFloat(type)) return type.precision === Precision.DOUBLE ? 'DOUBLE' : 'FLOAT';
  const isPlain =
    isText(type) ||
    DataType.isInt(type) ||
    DataType.isBool(type) ||
    DataType.isDecimal(type) ||
    DataType.isDate(type) ||
    DataType.isTimestamp(type);
  return isPlain ? 'VARCHAR' : undefined;
}

function isText(type: DataType): boolean {
  return (
    DataType.isUtf8(type) ||
    DataType.isLargeUtf8(type) ||
    DataType.isUtf8View(type) ||
    DataType.isBinary(type) ||
    DataType.isLargeBinary(type) ||
    DataType.isBinaryView(type)
  );
}

/** @param dictionaries - cache of the values of dictionaries; added to. */
export function columnValues(data: Data, dictionaries: WeakMap<Vector, ValueAt>): ValueAt {
  const valueAt = DataType.isDictionary(data.type)
    ? dictionaryValues(data as Data<Dictionary>, dictionaries)
    : plainValues(data);
  const { nullCount, nullBitmap } = data;
  if (nullCount === 0) return valueAt;
  need(nullBitmap.length, data.length / 8);
  return (row) => (((nullBitmap[row >> 3] ?? 0) >> (row & 7)) & 1 ? valueAt(row) : null);
}

function plainValues(data: Data): ValueAt {
  const { type, length } = data;
  if (isText(type)) return textValues(data);
  if (DataType.isBool(type)) {
    need(data.values.length, length / 8);
    return (row) => String(((data.values[row >> 3] >> (row & 7)) & 1) === 1);
  }
  if (DataType.isDecimal(type)) return decimalValues(data as Data<Decimal>);
  need(data.values.length, length);
  if (DataType.isFloat(type) && type.precision === Precision.HALF) {
    return (row) => util.uint16ToFloat64(data.values[row]);
  }
  if (DataType.isFloat(type)) return (row) => data.values[row];
  if (DataType.isDate(type)) return dateValues(data.values, type.unit);
  if (!DataType.isTimestamp(type)) return (row) => String(data.values[row]);
  const { unit, timezone } = type;
  return (row) => timestampText(data.values[row], unit, Boolean(timezone));
}

function dateValues(values: Int32Array | BigInt64Array, unit: DateUnit): ValueAt {
  if (unit === DateUnit.MILLISECOND) {
    return (row) => dayOf(timestampText(values[row] as bigint, TimeUnit.MILLISECOND, false));
  }
  return (row) => dayOf(timestampText(BigInt(values[row] ?? 0) * 86_400n, TimeUnit.SECOND, false));
}

function dayOf(time: string): string {
  return time.replace(/ \d\d:\d\d:\d\d(\.\d+)?$/, '');
}

function dictionaryValues(data: Data<Dictionary>, dictionaries: WeakMap<Vector, ValueAt>): ValueAt {
  const { values: indices, dictionary } = data;
  need(indices.length, data.length);
  if (dictionary === undefined) throw new ArrowError('a dictionary is missing');
  const entryAt = dictionaries.get(dictionary) ?? entriesOf(dictionary);
  dictionaries.set(dictionary, entryAt);
  return (row) => entryAt(Number(indices[row]));
}

function entriesOf(dictionary: Vector): ValueAt {
  const parts: { from: number; end: number; valueAt: ValueAt }[] = [];
  let end = 0;
  for (const data of dictionary.data) {
    parts.push({ from: end, end: end + data.length, valueAt: columnValues(data, new WeakMap()) });
    end += data.length;
  }
  const entries = new Map<number, ArrowValue>();
  return (index) => {
    const known = entries.get(index);
    if (known !== undefined) return known;
    const part = parts.find((part) => index < part.end);
    if (part === undefined || !(index >= 0)) throw new ArrowError('a dictionary has no such value');
    const entry = part.valueAt(index - part.from);
    entries.set(index, entry);
    return entry;
  };
}

function textValues(data: Data): ValueAt {
  const { type, length, values, valueOffsets, variadicBuffers } = data;
  if (DataType.isUtf8View(type) || DataType.isBinaryView(type)) {
    need(values.length, 16 * length);
    return viewValues(values, variadicBuffers);
  }
  need(valueOffsets.length, length === 0 ? 0 : length + 1);
  const bytes = bufferOf(values);
  return (row) => decode(bytes, Number(valueOffsets[row]), Number(valueOffsets[row + 1]));
}

/** Views: a length, then up to 12 bytes of text, or a prefix of 4 bytes, the index of a buffer and an offset in it. */
function viewValues(views: Uint8Array, buffers: readonly Uint8Array[]): ValueAt {
  const view = bufferOf(views);
  const others = buffers.map(bufferOf);
  return (row) => {
    const at = 16 * row;
    const length = view.readInt32LE(at);
    if (length <= 12) return decode(view, at + 4, at + 4 + length);
    const start = view.readInt32LE(at + 12);
    return decode(others[view.readInt32LE(at + 8)] ?? Buffer.alloc(0), start, start + length);
  };
}

function decode(bytes: Buffer, start: number, end: number): string {
  if (end - start > MAX_TEXT_BYTES) throw new ArrowError(`a text of more than ${MAX_TEXT_BYTES >> 20} MiB`);
  if (!(start >= 0 && end >= start && end <= bytes.length)) throw new ArrowError('a text has no room');
  const text = bytes.toString('utf8', start, end);
  // The replacement character itself may be in a text.
  if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end))) {
    throw new ArrowError('a text is not UTF-8');
  }
  return text;
}

/** Little-endian two's complement, in words of 32 bits. */
function decimalValues({ type, length, values }: Data<Decimal>): ValueAt {
  const words = type.bitWidth / 32;
  need(values.length, words * length);
  return (row) => {
    let number = 0n;
    for (let word = words - 1; word >= 0; word--) {
      number = (number << 32n) | BigInt(values[row * words + word] ?? 0);
    }
    return decimalText(BigInt.asIntN(type.bitWidth, number), type.scale);
  };
}

function decimalText(number: bigint, scale: number): string {
  if (scale <= 0) return String(number * 10n ** BigInt(-scale));
  const digits = String(number < 0n ? -number : number).padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  return `${number < 0n ? '-' : ''}${digits.slice(0, -scale)}${fraction === '' ? '' : `.${fraction}`}`;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function need(values: number, rows: number): void {
  if (values < rows) throw new ArrowError('a column has fewer values than rows');
}

/** Microseconds per unit. Nanoseconds, which are shorter, have no entry. */
const microseconds: Readonly<Record<number, bigint>> = {
  [TimeUnit.SECOND]: 1_000_000n,
  [TimeUnit.MILLISECOND]: 1_000n,
  [TimeUnit.MICROSECOND]: 1n,
};
const MAX_MS = 253_402_300_799_999n;
const MIN_MS = -62_135_596_800_000n;

/** Like DuckDB: `2014-04-02 10:30:00.25`, truncated to microseconds, `+00` with a time zone. */
export function timestampText(value: bigint, unit: TimeUnit, hasZone: boolean): string {
  const factor = microseconds[unit];
  const us = factor === undefined ? floorDivide(value, 1000n) : value * factor;
  const ms = floorDivide(us, 1000n);
  if (ms > MAX_MS || ms < MIN_MS) return `${value} ${TimeUnit[unit]?.toLowerCase()}s since 1970`;
  const text = new Date(Number(ms)).toISOString();
  const fraction = `${text.slice(20, 23)}${String(us - ms * 1000n).padStart(3, '0')}`.replace(/0+$/, '');
  const point = fraction === '' ? '' : '.';
  return `${text.slice(0, 10)} ${text.slice(11, 19)}${point}${fraction}${hasZone ? '+00' : ''}`;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}
