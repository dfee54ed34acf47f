/** Sessions of one split, in order. */
export interface PackableSessions {
  /** [sessions + 1], CSR. */
  readonly sessionOffsets: Int32Array;
  /** [events], item indices. */
  readonly items: Int32Array;
  /** [sessions], milliseconds since 1970 UTC. */
  readonly sessionStartTimes: Float64Array;
}

/** Names of the splits, in the order of the file. */
const SPLITS = ['train', 'validation', 'test'] as const;

/** The sessions of a dataset, by split. */
export interface PackableSplits {
  readonly train: PackableSessions;
  readonly validation?: PackableSessions;
  readonly test?: PackableSessions;
}

/** The same, from a file. Times are whole seconds. */
export interface UnpackedSplits extends PackableSplits {
  /** Number of items; every index is below it. */
  readonly itemCount: number;
}

/** Three arrays per split: start times [sessions], lengths [sessions] and items [events]. */
interface Header {
  readonly format: 'gru4rec-sessions';
  readonly version: 1;
  readonly itemCount: number;
  /** Seconds since 1970 of the earliest start, which the start times are relative to. */
  readonly firstSecond: number;
  readonly splits: readonly SplitHeader[];
}

interface SplitHeader {
  readonly name: (typeof SPLITS)[number];
  readonly sessions: number;
  readonly events: number;
  readonly bytesPerLength: Width;
  readonly bytesPerItem: Width;
}

type Width = 1 | 2 | 4;

const ARRAYS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const;
const LARGEST_HEADER = 10_000;

/**
 * Packs sessions into one small file for the web: a header in JSON, then per split the start times in seconds, the lengths
 * and the items, each in the smallest unsigned integers that hold it, little-endian and aligned to 4 bytes.
 *
 * @throws RangeError if the sessions start more than 136 years apart.
 */
export function packSessions(splits: PackableSplits, itemCount: number): Uint8Array<ArrayBuffer> {
  const named = SPLITS.flatMap((name) => {
    const sessions = splits[name];
    return sessions ? [{ name, ...sessions }] : [];
  });
  const firstSecond = named.reduce(
    (first, { sessionStartTimes }) => sessionStartTimes.reduce((a, b) => Math.min(a, b / 1000), first),
    Number.POSITIVE_INFINITY,
  );
  const start = Number.isFinite(firstSecond) ? Math.floor(firstSecond) : 0;
  const parts = named.map((split) => packSplit(split, start, itemCount));
  const header: Header = {
    format: 'gru4rec-sessions',
    version: 1,
    itemCount,
    firstSecond: start,
    splits: parts.map(({ header }) => header),
  };
  return joined(
    header,
    parts.flatMap(({ arrays }) => arrays),
  );
}

/**
 * Reads what `packSessions` wrote.
 *
 * @throws RangeError naming what is wrong, if the file is another one, truncated or altered.
 */
export function unpackSessions(bytes: Uint8Array<ArrayBuffer>): UnpackedSplits {
  const { header, end } = readHeader(bytes);
  const reader = new ArrayReader(bytes, end);
  const splits = Object.fromEntries(
    header.splits.map((split) => [split.name, unpackSplit(split, header, reader)]),
  );
  reader.expectEnd();
  if (!splits['train']) throw new RangeError('sessions: expected a split "train", found none.');
  return { ...(splits as unknown as PackableSplits), itemCount: header.itemCount };
}

function packSplit(
  { name, sessionOffsets, items, sessionStartTimes }: PackableSessions & Pick<SplitHeader, 'name'>,
  firstSecond: number,
  itemCount: number,
): { header: SplitHeader; arrays: Uint8Array[] } {
  const sessions = sessionOffsets.length - 1;
  const lengths = Array.from(
    { length: sessions },
    (_, s) => at(sessionOffsets, s + 1) - at(sessionOffsets, s),
  );
  const seconds = Array.from(sessionStartTimes, (time) => Math.floor(time / 1000) - firstSecond);
  if (seconds.some((second) => second >= 2 ** 32)) {
    throw new RangeError('packSessions: "sessionStartTimes" expected times within 136 years of each other.');
  }
  const bytesPerLength = widthFor(lengths.reduce((a, b) => Math.max(a, b), 0));
  const bytesPerItem = widthFor(itemCount);
  const arrays = [
    Uint32Array.from(seconds),
    ARRAYS[bytesPerLength].from(lengths),
    ARRAYS[bytesPerItem].from(items),
  ];
  return {
    header: { name, sessions, events: items.length, bytesPerLength, bytesPerItem },
    arrays: arrays.map((array) => new Uint8Array(array.buffer)),
  };
}

function widthFor(largest: number): Width {
  if (largest < 2 ** 8) return 1;
  return largest < 2 ** 16 ? 2 : 4;
}

/** The length of the header, the header and the arrays, each padded to a multiple of 4 bytes. */
function joined(header: Header, arrays: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const chunks = [new Uint8Array(Uint32Array.of(text.length).buffer), text, ...arrays];
  const file = new Uint8Array(chunks.reduce((sum, { length }) => sum + padded(length), 0));
  let position = 0;
  for (const chunk of chunks) {
    file.set(chunk, position);
    position += padded(chunk.length);
  }
  return file;
}

function padded(length: number): number {
  return 4 * Math.ceil(length / 4);
}

function readHeader(bytes: Uint8Array<ArrayBuffer>): { header: Header; end: number } {
  const length = bytes.length >= 4 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) : 0;
  if (length === 0 || length > LARGEST_HEADER || 4 + length > bytes.length) throw notSessions();
  let header: Header;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Header;
  } catch (cause) {
    throw notSessions(cause);
  }
  if (header?.format !== 'gru4rec-sessions' || !Array.isArray(header.splits)) throw notSessions();
  if (header.version !== 1) {
    throw new RangeError(`sessions: expected version 1, got ${header.version}. Make the site again.`);
  }
  const { itemCount, firstSecond, splits } = header;
  if (
    ![itemCount, firstSecond].every(Number.isInteger) ||
    !splits.every(({ name }) => SPLITS.includes(name))
  ) {
    throw new RangeError('sessions: the header is damaged. Make the site again.');
  }
  return { header, end: 4 + padded(length) };
}

function notSessions(cause?: unknown): RangeError {
  return new RangeError('sessions: expected a file of packed sessions, got another file.', { cause });
}

function unpackSplit(split: SplitHeader, header: Header, reader: ArrayReader): PackableSessions {
  const starts = reader.take(4, split.sessions);
  const lengths = reader.take(split.bytesPerLength, split.sessions);
  const items = Int32Array.from(reader.take(split.bytesPerItem, split.events));
  const sessionOffsets = new Int32Array(split.sessions + 1);
  lengths.forEach((length, session) => {
    sessionOffsets[session + 1] = at(sessionOffsets, session) + length;
  });
  if (sessionOffsets.at(-1) !== split.events || items.some((item) => item >= header.itemCount)) {
    throw new RangeError(`sessions: the split "${split.name}" is damaged. Make the site again.`);
  }
  const sessionStartTimes = Float64Array.from(starts, (second) => 1000 * (second + header.firstSecond));
  return { sessionOffsets, items, sessionStartTimes };
}

/** Reads arrays one after the other. */
class ArrayReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #position: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, position: number) {
    this.#bytes = bytes;
    this.#position = position;
  }

  /** @returns a copy, so that its start is aligned. */
  take(width: Width, length: number): Uint8Array | Uint16Array | Uint32Array {
    const kind = ARRAYS[width];
    const end = this.#position + width * length;
    if (!kind || !(length >= 0) || end > this.#bytes.length) {
      throw new RangeError(
        `sessions: expected ${end} bytes at least, got ${this.#bytes.length}. Make the site again.`,
      );
    }
    const array = new kind(this.#bytes.slice(this.#position, end).buffer);
    this.#position = padded(end);
    return array;
  }

  expectEnd(): void {
    if (this.#position === this.#bytes.length) return;
    throw new RangeError(
      `sessions: expected ${this.#position} bytes, got ${this.#bytes.length}. Make the site again.`,
    );
  }
}

function at(array: Int32Array, index: number): number {
  return array[index] as number;
}
