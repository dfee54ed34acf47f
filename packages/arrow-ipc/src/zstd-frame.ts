const MAGIC = 0xfd2fb528;
/** A larger window needs more than 32 bits of address. */
const MAX_WINDOW_LOG = 30;

/**
 * Content size according to the header of a Zstandard frame (RFC 8878, section 3.1.1.1). The library trusts the header,
 * and takes one that it cannot parse for a content of 4 GiB, so the header is checked here first.
 *
 * @returns bytes, undefined if the header does not say.
 * @throws RangeError if the header is invalid, or needs a dictionary or too large a window.
 */
export function zstdContentSize(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 9 || view.getUint32(0, true) !== MAGIC) {
    throw new RangeError('a Zstandard frame has no valid header');
  }
  const descriptor = view.getUint8(4);
  const isSingle = (descriptor & 32) !== 0;
  // Bits 0 and 1 announce a dictionary id, bit 3 is reserved.
  const isUnsupported = (descriptor & 0b1011) !== 0;
  if (isUnsupported || (!isSingle && 10 + (view.getUint8(5) >> 3) > MAX_WINDOW_LOG)) {
    throw new RangeError('a Zstandard frame needs a dictionary or too large a window');
  }
  const at = isSingle ? 5 : 6;
  switch (descriptor >> 6) {
    case 1:
      return view.getUint16(at, true) + 256;
    case 2:
      return view.getUint32(at, true);
    case 3:
      return Number(view.getBigUint64(at, true));
    default:
      return isSingle ? view.getUint8(at) : undefined;
  }
}
