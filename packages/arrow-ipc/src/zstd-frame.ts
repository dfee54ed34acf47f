const MAGIC = 0xfd2fb528;
/** A larger window takes more than 32 bits of address. */
const MAX_WINDOW_LOG = 30;

/**
 * The size of the content that the header of a Zstandard frame tells: RFC 8878, 3.1.1.1. The library takes no memory
 * and writes nowhere that this does not say: it believes a header that it cannot read to tell of 4 GiB.
 *
 * @returns undefined if it tells none.
 * @throws RangeError if it is no sound header, or if it asks for a dictionary or too large a window.
 */
export function zstdContentSize(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 9 || view.getUint32(0, true) !== MAGIC) {
    throw new RangeError('a Zstandard frame has no header');
  }
  const descriptor = view.getUint8(4);
  const isSingle = (descriptor & 32) !== 0;
  // The lowest bits tell of a dictionary, and one is reserved.
  const isOdd = (descriptor & 0b1011) !== 0;
  if (isOdd || (!isSingle && 10 + (view.getUint8(5) >> 3) > MAX_WINDOW_LOG)) {
    throw new RangeError('a Zstandard frame asks for more than there is');
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
