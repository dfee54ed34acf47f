import type { PackedIds } from '@gru4rec/item-ids';
import { type Data, makeData, Utf8 } from 'apache-arrow';

const encoder = new TextEncoder();

/** A column of texts that grows. */
export class TextColumn {
  #bytes = new Uint8Array(1024);
  /** [capacity + 1] */
  #offsets = new Int32Array(1024);
  #length = 0;

  /** Number of texts. */
  get length(): number {
    return this.#length;
  }

  /** Adds texts `from` to `end` (exclusive). */
  add(texts: readonly string[] | PackedIds, from: number, end: number): void {
    if (!('utf8' in texts)) {
      const isWhole = from === 0 && end === texts.length;
      this.#append(packTexts(isWhole ? texts : texts.slice(from, end)), 0, end - from);
    } else this.#append(texts, from, end);
  }

  /** Returns the texts and removes them. */
  take(): PackedIds {
    const offsets = this.#offsets.slice(0, this.#length + 1);
    this.#length = 0;
    return { utf8: this.#bytes.slice(0, offsets.at(-1)), offsets };
  }

  #append({ utf8, offsets }: PackedIds, from: number, end: number): void {
    const [first, last] = [offsets[from] ?? 0, offsets[end] ?? 0];
    const at = this.#offsets[this.#length] ?? 0;
    this.#reserve(this.#length + end - from, at + last - first);
    this.#bytes.set(utf8.subarray(first, last), at);
    for (let text = from; text < end; text++) {
      this.#offsets[++this.#length] = at + (offsets[text + 1] ?? 0) - first;
    }
  }

  #reserve(texts: number, bytes: number): void {
    if (texts >= this.#offsets.length) {
      const offsets = new Int32Array(2 * texts);
      offsets.set(this.#offsets);
      this.#offsets = offsets;
    }
    if (bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * bytes);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** An Arrow column of texts. */
export function textData({ utf8: data, offsets: valueOffsets }: PackedIds): Data<Utf8> {
  return makeData({ type: new Utf8(), length: valueOffsets.length - 1, nullCount: 0, valueOffsets, data });
}

/** Encodes texts. */
export function packTexts(texts: readonly string[]): PackedIds {
  return asciiBytes(texts) ?? encodedBytes(texts);
}

/** Encodes all texts at once, which takes a quarter of the time. @returns undefined if a text is not ASCII. */
function asciiBytes(texts: readonly string[]): PackedIds | undefined {
  const joined = texts.join('');
  const utf8 = encoder.encode(joined);
  if (utf8.length !== joined.length) return undefined;
  const offsets = new Int32Array(texts.length + 1);
  let end = 0;
  for (let index = 0; index < texts.length; index++) {
    end += (texts[index] as string).length;
    offsets[index + 1] = end;
  }
  return { utf8, offsets };
}

function encodedBytes(texts: readonly string[]): PackedIds {
  const encoded = texts.map((text) => encoder.encode(text));
  const offsets = new Int32Array(texts.length + 1);
  for (const [index, bytes] of encoded.entries()) {
    offsets[index + 1] = (offsets[index] ?? 0) + bytes.length;
  }
  const utf8 = new Uint8Array(offsets[texts.length] ?? 0);
  for (const [index, bytes] of encoded.entries()) utf8.set(bytes, offsets[index] ?? 0);
  return { utf8, offsets };
}
