import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';

const CHUNK_BYTES = 1 << 20;
const LF = 10;
const CR = 13;

/**
 * Whether a CSV or TSV file is UTF-8 without NUL, without a carriage return inside a line, and without lines of 2 MiB or more
 * (or some of 1 MiB). DuckDB checks only the columns that it reads, accepts NUL, and ends lines at a carriage return. Files
 * that are not plain are read by our rules, in `copyClean`.
 */
export async function isPlainText(path: string): Promise<boolean> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    const buffer = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    const end = wholeEnd(buffer);
    const isLong = chunk.length === CHUNK_BYTES && !buffer.includes(LF);
    if (isLong || !isPlain(buffer.subarray(0, end))) return false;
    rest = buffer.subarray(end);
  }
  return isPlain(rest);
}

function isPlain(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0) && !hasLoneReturn(bytes);
}

function hasLoneReturn(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(CR); at !== -1; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] !== LF) return true;
  }
  return false;
}

/** A position that divides neither a character, which has at most four bytes, nor CRLF. */
function wholeEnd(buffer: Buffer): number {
  let end = buffer.length;
  while (end > 0 && buffer.length - end < 4 && isPart(buffer[end - 1] ?? 0)) end--;
  return end;
}

function isPart(byte: number): boolean {
  return byte >= 0x80 || byte === CR;
}
