import { show } from '@gru4rec/checks';
import { utf8 as codec } from '#utf8';

/**
 * Why an id was refused: the table has it (`repeated`), it is not valid Unicode (`not-text`), its offsets are out
 * of order or bounds (`offsets`), or the ids would take 2 GiB (`full`).
 */
export type ItemIdFault = 'repeated' | 'not-text' | 'offsets' | 'full';

/** An id that cannot be added to an `ItemIdTable`. */
export class ItemIdError extends RangeError {
  override readonly name = 'ItemIdError';
  readonly fault: ItemIdFault;
  /** Item index that the id would have had. */
  readonly index: number;
  /** Part of the message, such as `unique ids`. */
  readonly expected: string;
  /** Part of the message, such as `"a" twice`. */
  readonly got: string;

  constructor(fault: ItemIdFault, index: number, { expected, got }: { expected: string; got: string }) {
    super(`ItemIdTable: "itemId" expected ${expected}, got ${got}, at index ${index}`);
    this.fault = fault;
    this.index = index;
    this.expected = expected;
    this.got = got;
  }
}

/** UTF-8 cannot encode it. `bytes` is the text's length as Node encodes it. */
export function hasLoneSurrogate(text: string, bytes: number): boolean {
  return bytes > text.length && /\p{Surrogate}/u.test(text);
}

/** @throws ItemIdError if the offsets decrease or leave the bytes. `first` is the index of the first id. */
export function checkOffsets(offsets: Int32Array, bytes: number, first: number): void {
  let before = 0;
  for (let id = 0; id < offsets.length; id++) {
    const offset = offsets[id];
    if (offset < before || offset > bytes) {
      const index = first + Math.max(0, id - 1);
      const expected = `non-decreasing offsets up to ${bytes}`;
      throw new ItemIdError('offsets', index, { expected, got: `${offset} after ${before}` });
    }
    before = offset;
  }
}

/**
 * If all bytes together are UTF-8, each id is when it starts where a character starts; the ids are checked one by
 * one only to find the invalid one. @throws ItemIdError if one is not. `first` is the index of the first id.
 */
export function checkUtf8(utf8: Uint8Array, offsets: Int32Array, first: number): void {
  const count = offsets.length - 1;
  let valid = codec.isUtf8(utf8.subarray(offsets[0], offsets[count]));
  for (let id = 1; id < count && valid; id++) valid = (utf8[offsets[id]] & 0xc0) !== 0x80;
  for (let id = 0; id < count && !valid; id++) {
    if (!codec.isUtf8(utf8.subarray(offsets[id], offsets[id + 1])))
      throw notText('invalid bytes', first + id);
  }
}

function notText(got: string, index: number): ItemIdError {
  return new ItemIdError('not-text', index, { expected: 'UTF-8', got });
}

export function loneSurrogate(itemId: string, index: number): ItemIdError {
  return notText(`a lone surrogate in ${show(itemId)}`, index);
}

export function repeated(itemId: string, index: number): ItemIdError {
  return new ItemIdError('repeated', index, { expected: 'unique ids', got: `${show(itemId)} twice` });
}
