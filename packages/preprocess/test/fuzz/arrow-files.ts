import {
  type DataType,
  Dictionary,
  Float64,
  Int32,
  Int64,
  LargeUtf8,
  Table,
  TimestampMicrosecond,
  tableToIPC,
  Utf8,
  Utf8View,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';

export interface ArrowFile {
  readonly bytes: Buffer;
  readonly events: number;
}

export function arrowFile(table: Table): Buffer {
  return Buffer.from(tableToIPC(table, 'file'));
}

const index = (rows: number) => Array.from({ length: rows }, (_, row) => row);

function table(rows: number, types: Record<'SessionId' | 'ItemId' | 'Time', DataType>): Table {
  const text = (type: DataType) => !(type instanceof Int32 || type instanceof Int64);
  const ids = (type: DataType, prefix: string, count: number) =>
    vectorFromArray(
      index(rows).map((row) => (text(type) ? `${prefix}${row % count}` : row % count)),
      type,
    );
  const isDouble = types.Time instanceof Float64;
  const times = index(rows).map((row) => (isDouble ? 1_396_437_466.94 + row : 1_396_437_466_940 + row));
  return new Table({
    SessionId: ids(types.SessionId, 's', 7) as Vector,
    ItemId: ids(types.ItemId, 'i', 5) as Vector,
    Time: vectorFromArray(types.Time instanceof Int64 ? times.map(BigInt) : times, types.Time) as Vector,
  });
}

export function arrowFiles(): ArrowFile[] {
  const dictionary = () => new Dictionary(new Utf8(), new Int32());
  const tables = [
    table(60, { SessionId: new Utf8(), ItemId: dictionary(), Time: new Int64() }),
    table(60, { SessionId: new Int32(), ItemId: new LargeUtf8(), Time: new TimestampMicrosecond() }),
    table(60, { SessionId: dictionary(), ItemId: new Utf8View(), Time: new Float64() }),
    table(3000, { SessionId: new Utf8(), ItemId: new Int32(), Time: new Int64() }),
  ];
  const files: ArrowFile[] = [];
  for (const one of tables) {
    const events = one.numRows;
    files.push({ bytes: arrowFile(one), events });
    files.push({ bytes: Buffer.from(tableToIPC(one, 'stream')), events });
  }
  return files;
}
