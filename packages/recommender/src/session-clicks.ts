/** Clicks of a session that a baseline scores by, the latest ones: as many as `serve` keeps by default. */
export const MOST_CLICKS = 200;

/** Numbers of a state that holds the clicks of a session. */
export const CLICKS_LENGTH: number = 1 + MOST_CLICKS;

/**
 * The latest clicks of a session, oldest first, as its state: their number, then the items. The bits are those of integers,
 * so that zeros are a session without a click, and a state can be copied as floats.
 *
 * @returns a view of the state.
 */
export function clicksIn({ buffer, byteOffset }: Float32Array): Int32Array {
  const [count] = new Int32Array(buffer, byteOffset, 1);
  return new Int32Array(buffer, byteOffset + 4, count);
}

/** Adds a click to the state of a session. The oldest one is dropped if there are `MOST_CLICKS`. */
export function addClick({ buffer, byteOffset }: Float32Array, item: number): void {
  const words = new Int32Array(buffer, byteOffset, CLICKS_LENGTH);
  if (words[0] === MOST_CLICKS) words.copyWithin(1, 2);
  else words[0]++;
  words[words[0]] = item;
}
