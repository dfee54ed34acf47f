/** UTF-8 in bytes of memory. `#utf8` is one of its two forms, by the condition `browser`. */
export interface Utf8 {
  /** `length` zero bytes (fresh). */
  allocate(length: number): Uint8Array;
  /** A view of the same bytes that `text` can read. */
  view(bytes: Uint8Array): Uint8Array;
  /** Bytes that `write` takes for a text. A lone surrogate takes three, as U+FFFD. */
  byteLength(text: string): number;
  /** Writes a text from `at` on, which must fit. @returns bytes written. */
  write(bytes: Uint8Array, text: string, at: number): number;
  /** The text of bytes `from` to `to` − 1. @param bytes - from `allocate` or `view`, or a view of those. */
  text(bytes: Uint8Array, from: number, to: number): string;
  isUtf8(bytes: Uint8Array): boolean;
}
