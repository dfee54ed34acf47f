const MAGIC = 0x184d2204;
/** Bytes that a block of a frame may have at most, by the number in its header. */
const blockBytes: Readonly<Record<number, number>> = { 4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22 };
/** No byte of a block gives more than so many. */
export const LZ4_MAX_RATIO = 255;

/**
 * Looks through an LZ4 frame without unpacking it: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md.
 *
 * @returns the most bytes that it may hold, which are less than a block above what it does hold as all writers fill
 *   every block but the last, and the most bytes of a block.
 * @throws RangeError if it is not one whole frame.
 */
export function lz4FrameBound(bytes: Uint8Array): { readonly most: number; readonly block: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = bytes[4] ?? 0;
  const block = blockBytes[((bytes[5] ?? 0) >> 4) & 7];
  if (bytes.byteLength < 11 || view.getUint32(0, true) !== MAGIC || flags >> 6 !== 1 || block === undefined) {
    throw new RangeError('an LZ4 frame has no header');
  }
  // Size of the content and id of a dictionary, where the flags say that they are there; a byte of checksum.
  let at = 6 + ((flags & 8) !== 0 ? 8 : 0) + ((flags & 1) !== 0 ? 4 : 0) + 1;
  let most = 0;
  for (;;) {
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) break;
    // The highest bit marks a block that is stored as it is.
    const length = size & 0x7fffffff;
    most += Math.min(block, size > 0x7fffffff ? length : length * LZ4_MAX_RATIO);
    at += length + ((flags & 16) !== 0 ? 4 : 0);
  }
  if (at + ((flags & 4) !== 0 ? 4 : 0) !== bytes.byteLength)
    throw new RangeError('an LZ4 frame is cut short');
  return { most, block };
}
