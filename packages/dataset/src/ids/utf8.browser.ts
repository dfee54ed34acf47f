import type { Utf8 } from './utf8.ts';

const encoder = new TextEncoder();
// An id may start with U+FEFF, which a decoder drops by default.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

export const utf8: Utf8 = {
  allocate: (length) => new Uint8Array(length),
  view: (bytes) => bytes,
  byteLength: (text) => encoder.encode(text).length,
  write: (bytes, text, at) => encoder.encodeInto(text, bytes.subarray(at)).written,
  // A copy, because browsers decode no shared memory.
  text: (bytes, from, to) => decoder.decode(bytes.slice(from, to)),
  isUtf8(bytes) {
    try {
      strict.decode(bytes);
      return true;
    } catch {
      return false;
    }
  },
};
