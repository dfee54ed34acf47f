const MAGIC = 0x184d2204;
/** Most bytes that a block holds, by the code in the frame's header. */
const blockBytes: Readonly<Record<number, number>> = { 4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22 };
/** Most bytes that one byte of a block decompresses to. */
export const LZ4_MAX_RATIO = 255;

/**
 * Bounds the content of an LZ4 frame without decompressing it. Writers fill every block but the last, so the bound
 * exceeds the content by less than a block.
 * Layout: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md.
 *
 * @returns `most`, the bound in bytes, and `block`, the most bytes that a block of the frame holds.
 * @throws RangeError if the bytes are not exactly one frame.
 */
export function lz4FrameBound(bytes: Uint8Array): { readonly most: number; readonly block: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = bytes[4] ?? 0;
  const block = blockBytes[((bytes[5] ?? 0) >> 4) & 7];
  if (bytes.byteLength < 11 || view.getUint32(0, true) !== MAGIC || flags >> 6 !== 1 || block === undefined) {
    throw new RangeError('an LZ4 frame has no valid header');
  }
  // After the flags: the content size and the dictionary id, both optional, and the header's checksum.
  let at = 6 + ((flags & 8) !== 0 ? 8 : 0) + ((flags & 1) !== 0 ? 4 : 0) + 1;
  let most = 0;
  for (;;) {
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) break;
    // The highest bit marks a block that is not compressed.
    const length = size & 0x7fffffff;
    most += Math.min(block, size > 0x7fffffff ? length : length * LZ4_MAX_RATIO);
    at += length + ((flags & 16) !== 0 ? 4 : 0);
  }
  if (at + ((flags & 4) !== 0 ? 4 : 0) !== bytes.byteLength)
    throw new RangeError('an LZ4 frame has the wrong length');
  return { most, block };
}
